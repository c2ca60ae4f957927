/**
 * A sketch of a disk's contents: four hexadecimal digits for each piece of 64 KiB, runs of equal pieces shortened. A golden can
 * then say near which sector a difference begins, though it keeps none of the bytes.
 */
import { crc32 } from 'node:zlib'

export const SECTOR_BYTES = 512
export const SKETCH_SECTORS = 128

/** `00ff 12ab*7 …`: checksums of the pieces, equal neighbours counted. */
export function sketch(bytes: Uint8Array, pieceSectors: number): string {
  const pieces: string[] = []
  const pieceBytes = pieceSectors * SECTOR_BYTES
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(digits(bytes.subarray(at, at + pieceBytes)))
  const words: string[] = []
  for (let i = 0; i < pieces.length;) {
    let count = 1
    while (pieces[i + count] === pieces[i]) count++
    words.push(count === 1 ? pieces[i]! : `${pieces[i]!}*${count}`)
    i += count
  }
  return words.join(' ')
}

/** Index of the first piece in which two sketches differ, -1 if they don't. */
export function firstDifference(one: string, other: string): number {
  const a = expand(one)
  const b = expand(other)
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i
  return -1
}

function expand(text: string): string[] {
  return text.split(' ').flatMap((word) => {
    const [digits, count] = word.split('*')
    return Array<string>(Number(count ?? 1)).fill(digits!)
  })
}

function digits(bytes: Uint8Array): string {
  return (crc32(bytes) & 0xffff).toString(16).padStart(4, '0')
}
