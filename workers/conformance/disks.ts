/** Makes, copies and hashes the disk images that a script starts from. The bytes depend on the declaration only. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Pattern } from '../../engine/lab/pattern.ts'
import type { DiskSpec } from './script.ts'

/** The bytes of a fresh disk. */
export function diskBytes(disk: DiskSpec): Uint8Array {
  if (disk.fill === 'pattern') return patternBytes(disk.sizeBytes, disk.seed)
  if (disk.fill === 'stamp') return stampBytes(disk.sizeBytes, disk.seed)
  return new Uint8Array(disk.sizeBytes)
}

/** Bytes that look random, as `disk create --pattern` makes them. */
function patternBytes(sizeBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  new Pattern(seed).fill(bytes)
  return bytes
}

/** Every 16 bytes of a sector say the seed and the sector's number. */
function stampBytes(sizeBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  for (let sector = 0; sector < sizeBytes / 512; sector++) {
    const stamp = Buffer.from(`<${String(seed).padStart(4, '0')} ${String(sector).padStart(8, '0')}>\n`, 'latin1')
    for (let at = 0; at < 512; at += 16) bytes.set(stamp, sector * 512 + at)
  }
  return bytes
}

/** Writes one image per declared disk into a new folder. */
export function makeDisks(disks: readonly DiskSpec[], folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const disk of disks) {
    const file = imagePath(folder, disk.name)
    writeFileSync(file, disk.fill === 'zero' ? '' : diskBytes(disk))
    truncateSync(file, disk.sizeBytes)
  }
}

/** Copies every image of one folder into a new one. */
export function copyDisks(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of diskNames(from)) copyFileSync(imagePath(from, name), imagePath(to, name))
}

/** Names of the disks whose images lie in a folder, sorted: the order in which both worlds number them. */
export function diskNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.img'))
    .map((file) => file.slice(0, -'.img'.length))
    .sort()
}

export function imagePath(folder: string, name: string): string {
  return join(folder, `${name}.img`)
}

/** One hash over all images of a folder and their names. */
export function hashDisks(folder: string): string {
  const hash = createHash('sha256')
  for (const name of diskNames(folder)) hash.update(`${name}\0`).update(readFileSync(imagePath(folder, name)))
  return hash.digest('hex')
}

/** Packs the images of a folder into one compressed file: a line of JSON with names and sizes, then the bytes. */
export function packDisks(folder: string, file: string): void {
  const names = diskNames(folder)
  const images = names.map((name) => readFileSync(imagePath(folder, name)))
  const header = JSON.stringify(names.map((name, i) => ({ name, sizeBytes: images[i]!.length })))
  writeFileSync(file, gzipSync(Buffer.concat([Buffer.from(`${header}\n`), ...images]), { level: 9 }))
}

/** Unpacks what packDisks wrote into a new folder. */
export function unpackDisks(file: string, folder: string): void {
  const bytes = gunzipSync(readFileSync(file))
  const end = bytes.indexOf(10)
  const header = JSON.parse(bytes.subarray(0, end).toString()) as { name: string; sizeBytes: number }[]
  mkdirSync(folder, { recursive: true })
  let at = end + 1
  for (const { name, sizeBytes } of header) {
    writeFileSync(imagePath(folder, name), bytes.subarray(at, at + sizeBytes))
    at += sizeBytes
  }
}
