/**
 * Reads the log of an array with a write journal. Written for the comparison alone and from the format's description alone, so that the
 * simulator's own code is not its own judge.
 */
import { createHash } from 'node:crypto'

const BLOCK = 4096
const MAGIC = 0x6433c509
const HEADER = 32

/** A log: its meta blocks in the order of their places, and everything else. */
export interface Journal {
  /** One line a block: sector, number from the lowest one, and what it speaks of: `0 #0 data 128 parity 64`. */
  readonly blocks: readonly string[]
  /** Everything but the meta blocks. */
  readonly rest: string
}

/**
 * Reads a log.
 * @param bytes the device from where its data begins
 * @param uuid of the array, 16 bytes
 * @returns null if there is no meta block in it
 */
export function readJournal(bytes: Uint8Array, uuid: Uint8Array): Journal | null {
  const seed = crc32c(0xffffffff, uuid)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: { at: number; seq: bigint }[] = []
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    if (view.getUint32(at, true) === MAGIC) found.push({ at, seq: view.getBigUint64(at + 16, true) })
  }
  if (found.length === 0) return null
  const lowest = found.reduce((least, { seq }) => (seq < least ? seq : least), found[0]!.seq)
  const rest = Uint8Array.from(bytes)
  const blocks = found.map(({ at, seq }) => {
    rest.fill(0, at, at + BLOCK)
    const block = Uint8Array.from(bytes.subarray(at, at + BLOCK))
    return `${at / 512} #${seq - lowest}${payloads(block, bytes, at, seed)}${faults(block, at, seed)}`
  })
  return { blocks, rest: createHash('sha256').update(rest).digest('hex') }
}

/** What is not as it should be. */
function faults(block: Uint8Array, at: number, seed: number): string {
  const view = new DataView(block.buffer)
  const stored = view.getUint32(4, true)
  view.setUint32(4, 0, true)
  const wrong = [
    crc32c(seed, block) === stored ? '' : ' wrong checksum',
    view.getBigUint64(24, true) === BigInt(at / 512) ? '' : ' wrong position',
    (view.getUint32(8, true) & 0xffffffff) === 1 ? '' : ' wrong version',
  ]
  return wrong.join('')
}

function payloads(block: Uint8Array, log: Uint8Array, at: number, seed: number): string {
  const view = new DataView(block.buffer)
  const end = Math.min(view.getUint32(12, true), BLOCK)
  let text = ''
  // In which order stripes that were written together have ended is a race.
  const flushed: bigint[] = []
  let page = at + BLOCK
  for (let p = HEADER; p + 8 <= end;) {
    const type = view.getUint16(p, true)
    const size = view.getUint32(p + 4, true)
    if (type === 2) {
      for (let i = 0; i < size; i += 8) flushed.push(view.getBigUint64(p + 8 + i, true))
      p += 8 + size
      continue
    }
    text += ` ${type === 0 ? 'data' : type === 1 ? 'parity' : type} ${view.getBigUint64(p + 8, true)}`
    for (let i = 0; i < size / 8; i++, page += BLOCK) {
      const from = page >= log.length ? page - log.length : page
      const right = crc32c(seed, log.subarray(from, from + BLOCK)) === view.getUint32(p + 16 + i * 4, true)
      text += right ? '' : ' (its page is another)'
    }
    p += 16 + (size / 8) * 4
  }
  if (flushed.length === 0) return text
  return `${text} flush ${flushed.sort((a, b) => Number(a - b)).join(' ')}`
}

function crc32c(seed: number, bytes: Uint8Array): number {
  let sum = seed
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0)
  }
  return sum >>> 0
}
