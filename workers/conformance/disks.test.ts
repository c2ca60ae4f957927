import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { diskBytes, diskNames, hashDisks, imagePath, makeDisks, packDisks, unpackDisks } from './disks.ts'
import type { DiskSpec } from './script.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disks-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const pattern: DiskSpec = { name: 'p', sizeBytes: 65536, fill: 'pattern', seed: 7 }
const stamp: DiskSpec = { name: 's', sizeBytes: 2048, fill: 'stamp', seed: 7 }
const zero: DiskSpec = { name: 'a', sizeBytes: 4096, fill: 'zero', seed: 0 }

test('a pattern depends on its seed alone, and never changes', () => {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  expect(hash(diskBytes(pattern))).toBe('28bb2574d7385b8d')
  expect(hash(diskBytes({ ...pattern, name: 'q' }))).toBe(hash(diskBytes(pattern)))
  expect(hash(diskBytes({ ...pattern, seed: 8 }))).not.toBe(hash(diskBytes(pattern)))
  const counts = new Array<number>(256).fill(0)
  for (const byte of diskBytes(pattern)) counts[byte]!++
  expect(Math.min(...counts)).toBeGreaterThan(150)
})

test('a stamp says seed and sector', () => {
  const text = Buffer.from(diskBytes(stamp)).toString()
  expect(text.slice(0, 32)).toBe('<0007 00000000>\n<0007 00000000>\n')
  expect(text.slice(-16)).toBe('<0007 00000003>\n')
})

test('images are made, named in order, and survive packing', () => {
  const disks = join(folder, 'disks')
  makeDisks([stamp, zero, pattern], disks)
  expect(diskNames(disks)).toEqual(['a', 'p', 's'])
  expect(readFileSync(imagePath(disks, 'a'))).toEqual(Buffer.alloc(4096))
  packDisks(disks, join(folder, 'packed.gz'))
  unpackDisks(join(folder, 'packed.gz'), join(folder, 'again'))
  expect(hashDisks(join(folder, 'again'))).toBe(hashDisks(disks))
  expect(readFileSync(imagePath(join(folder, 'again'), 's'))).toEqual(Buffer.from(diskBytes(stamp)))
})
