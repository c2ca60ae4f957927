import { crc32c } from '../base/crc32c.ts'
import { pad, struct, u16, u32, u64, u8, type RecordOf } from './struct.ts'

/**
 * The log of an array with a write journal: a ring of 4 KiB blocks. A meta block says what the pages behind it are; its own sequence
 * number and sector tell a living block from what an earlier lap has left. Everything is summed up with CRC-32C, and the sum begins with
 * that of the array's uuid, so that no other array's log is believed.
 *
 *     ┌──────┬──────┬────────┬──────┬──────┬────────┬─ ─ ─
 *     │ meta │ data │ parity │ meta │ data │ meta   │ …
 *     └──────┴──────┴────────┴──────┴──────┴────────┴─ ─ ─
 *        n                     n+1           n+2
 */
export const MD_JOURNAL_BLOCK = struct('md_journal_block', 32, {
  magic: u32(0, '6433C509'),
  checksum: u32(4, 'CRC-32C of the 4 KiB with this field 0, begun with that of the uuid'),
  version: u8(8, '1'),
  pad0: pad(9, 3),
  meta_size: u32(12, 'bytes of this block that count, with these 32'),
  seq: u64(16, 'one more than that of the block before it in the log'),
  position: u64(24, 'its own sector, from the start of the log'),
})

export const MD_JOURNAL_PAYLOAD = struct('md_journal_payload', 16, {
  type: u16(0, '0 data, 1 parity, 2 stripes that are on the members'),
  flags: u16(2, 'zero'),
  size: u32(4, 'sectors of the pages; of a flush: bytes of the list'),
  location: u64(8, 'data: sector of the array; parity: sector of the members'),
})

export type MdJournalBlock = RecordOf<typeof MD_JOURNAL_BLOCK>

export const MD_JOURNAL_MAGIC = 0x6433c509
export const MD_JOURNAL_VERSION = 1
export const MD_JOURNAL_BYTES = 4096
export const MD_JOURNAL_BLOCK_SECTORS = 8

const DATA = 0
const PARITY = 1
const FLUSH = 2

/** The sum that all others of a log begin with. */
export function journalSeed(uuid: Uint8Array): number {
  return crc32c(0xffffffff, uuid)
}

/** What a meta block speaks of. */
export type JournalPayload =
  /** One page of data, at a sector of the array. */
  | { readonly kind: 'data'; readonly location: number; readonly checksums: readonly number[] }
  /** P, or P and Q, of the stripe at a sector of the members. */
  | { readonly kind: 'parity'; readonly location: number; readonly checksums: readonly number[] }
  /** Stripes that need nothing of this log any more. */
  | { readonly kind: 'flush'; readonly stripes: readonly number[] }

export interface JournalMeta {
  readonly seq: number
  readonly position: number
  readonly payloads: readonly JournalPayload[]
}

/** How many bytes of the meta block a payload takes. */
export function payloadBytes(payload: JournalPayload): number {
  return payload.kind === 'flush' ? 8 + payload.stripes.length * 8 : 16 + payload.checksums.length * 4
}

/** Pages behind the meta block. */
export function payloadPages(payload: JournalPayload): number {
  return payload.kind === 'flush' ? 0 : payload.checksums.length
}

/** The 4 KiB of a meta block. */
export function encodeJournalMeta(seed: number, meta: JournalMeta): Uint8Array {
  const block = new Uint8Array(MD_JOURNAL_BYTES)
  let at = MD_JOURNAL_BLOCK.size
  const view = new DataView(block.buffer)
  for (const payload of meta.payloads) {
    view.setUint16(at, payload.kind === 'data' ? DATA : payload.kind === 'parity' ? PARITY : FLUSH, true)
    if (payload.kind === 'flush') {
      view.setUint32(at + 4, payload.stripes.length * 8, true)
      payload.stripes.forEach((sector, i) => view.setBigUint64(at + 8 + i * 8, BigInt(sector), true))
    } else {
      view.setUint32(at + 4, payload.checksums.length * MD_JOURNAL_BLOCK_SECTORS, true)
      view.setBigUint64(at + 8, BigInt(payload.location), true)
      payload.checksums.forEach((checksum, i) => view.setUint32(at + 16 + i * 4, checksum, true))
    }
    at += payloadBytes(payload)
  }
  MD_JOURNAL_BLOCK.write(block, 0, {
    magic: MD_JOURNAL_MAGIC,
    checksum: 0,
    version: MD_JOURNAL_VERSION,
    meta_size: at,
    seq: meta.seq,
    position: meta.position,
  })
  view.setUint32(MD_JOURNAL_BLOCK.offsets.checksum, crc32c(seed, block), true)
  return block
}

/** Whether 4 KiB are a meta block of this array's, wherever they lie. @source r5l_load_log, drivers/md/raid5-cache.c, 6.1 */
export function readJournalHeader(seed: number, block: Uint8Array): MdJournalBlock | null {
  if (MD_JOURNAL_BLOCK.unreadable(block) !== undefined) return null
  const header = MD_JOURNAL_BLOCK.read(block)
  if (header.magic !== MD_JOURNAL_MAGIC || header.version !== MD_JOURNAL_VERSION) return null
  return checksumOf(seed, block) === header.checksum ? header : null
}

function checksumOf(seed: number, block: Uint8Array): number {
  const { checksum } = MD_JOURNAL_BLOCK.offsets
  const head = crc32c(seed, block, 0, checksum)
  return crc32c(crc32c(head, new Uint8Array(4)), block, checksum + 4, MD_JOURNAL_BYTES)
}

/**
 * What a meta block speaks of.
 * @param parityPages 1, or 2 where there is Q
 * @returns null where it speaks of what cannot be: the whole block counts for nothing then
 * @differs the kernel believes any size, and reads beyond the block or the log for it
 */
export function readJournalPayloads(
  header: MdJournalBlock,
  block: Uint8Array,
  parityPages: number,
): JournalPayload[] | null {
  const payloads: JournalPayload[] = []
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const end = header.meta_size
  if (end > MD_JOURNAL_BYTES) return null
  for (let at = MD_JOURNAL_BLOCK.size; at < end;) {
    if (at + 8 > end) return null
    const type = view.getUint16(at, true)
    const size = view.getUint32(at + 4, true)
    if (type === FLUSH) {
      if (size % 8 !== 0 || at + 8 + size > end) return null
      const stripes: number[] = []
      for (let i = 0; i < size; i += 8) stripes.push(Number(view.getBigUint64(at + 8 + i, true)))
      payloads.push({ kind: 'flush', stripes })
      at += 8 + size
      continue
    }
    const pages = type === DATA ? 1 : parityPages
    const length = 16 + pages * 4
    if (type > PARITY || size !== pages * MD_JOURNAL_BLOCK_SECTORS || at + length > end) return null
    const location = Number(view.getBigUint64(at + 8, true))
    const checksums = Array.from({ length: pages }, (_, i) => view.getUint32(at + 16 + i * 4, true))
    payloads.push({ kind: type === DATA ? 'data' : 'parity', location, checksums })
    at += length
  }
  return payloads
}
