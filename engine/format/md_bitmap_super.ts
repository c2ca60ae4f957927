import { fail, ok, type Result } from '../base/errno.ts'
import { bytes, pad, struct, text, u32, u64, type RecordOf } from './struct.ts'

/**
 * The write-intent bitmap on disk: a header of 256 bytes and directly behind it one bit a chunk, least significant first.
 * Header and bits are one stream of bytes, kept and written in pages of 4 KiB:
 *
 *     page 0                                   page 1
 *     | header 256 | bits of chunk 0 .. 30719 | bits of chunk 30720 .. 63487 | ...
 *
 * A bit of one means that the chunk may differ between the members.
 */

export const BITMAP_SUPER = struct('bitmap_super_s', 256, {
  magic: u32(0, '6D746962, the bytes "bitm"'),
  version: u32(4, '4; 3 was host-endian, 5 is clustered'),
  uuid: bytes(8, 16, 'the set_uuid of the array (zero under dm-raid)'),
  events: u64(24, 'as in the superblock; behind it, the bitmap is stale'),
  events_cleared: u64(32, 'events when bits could last be cleared'),
  sync_size: u64(40, 'sectors that the bits cover'),
  state: u32(48, 'bit 1 stale, bit 2 write error, bit 15 host-endian'),
  chunksize: u32(52, 'bytes of one chunk, one bit'),
  daemon_sleep: u32(56, 'seconds between two passes of the daemon'),
  write_behind: u32(60, 'most writes that may be behind; 0: none'),
  sectors_reserved: u32(64, 'room for the bitmap, 0: not said'),
  nodes: u32(68, 'nodes of a cluster'),
  cluster_name: text(72, 64, 'name of the cluster'),
  pad: pad(136, 120),
})

export type BitmapSuper = RecordOf<typeof BITMAP_SUPER>

export const BITMAP_MAGIC = 0x6d746962
export const BITMAP_VERSION_HOST_ENDIAN = 3
export const BITMAP_VERSION = 4
export const BITMAP_VERSION_CLUSTERED = 5

/** Values of `state`. */
export const BITMAP_STATE_STALE = 1 << 1
export const BITMAP_STATE_WRITE_ERROR = 1 << 2
export const BITMAP_STATE_HOST_ENDIAN = 1 << 15

export const BITMAP_PAGE_BYTES = 4096
export const BITMAP_SUPER_BYTES = 256

/** Ticks a second of the judging kernel: it keeps `daemon_sleep` in ticks, in 32 bits. */
const KERNEL_HZ = 100

/** The largest number of writes one chunk counts, and so of writes behind. */
export const BITMAP_COUNTER_MAX = 16383

/** Writes the header as it stands in the first 256 bytes of page 0. */
export function encodeBitmapSuper(header: BitmapSuper): Uint8Array {
  const encoded = new Uint8Array(BITMAP_SUPER.size)
  BITMAP_SUPER.write(encoded, 0, header)
  return encoded
}

/**
 * Reads the header without judging it, as a tool that shows it does.
 * @errors EINVAL if the magic is wrong or a number is out of range
 */
export function readBitmapSuper(page: Uint8Array): Result<BitmapSuper> {
  const view = new DataView(page.buffer, page.byteOffset, page.length)
  if (page.length < BITMAP_SUPER.size || view.getUint32(0, true) !== BITMAP_MAGIC) return fail('EINVAL', 'bad magic')
  const unreadable = BITMAP_SUPER.unreadable(page)
  if (unreadable) return fail('EINVAL', `${unreadable.name} is out of range`)
  return ok(BITMAP_SUPER.read(page))
}

/** A bitmap header that Linux accepts, and whether all its bits have to be taken as set. */
export interface LoadedBitmapSuper {
  readonly header: BitmapSuper
  /** The array went on without this bitmap: its events are behind. */
  readonly stale: boolean
}

/**
 * Reads the header and accepts it only if Linux would start an array with it.
 * @param page at least the first 256 bytes of the bitmap
 * @param array what the superblocks say; undefined where there are none to compare with (dm-raid: give a zero uuid)
 * @errors EINVAL with the first reason, in the kernel's order and words; EIO if a write of the bitmap once failed
 * @source md_bitmap_read_sb, drivers/md/md-bitmap.c, 6.1
 */
export function loadBitmapSuper(
  page: Uint8Array,
  array: { readonly uuid: Uint8Array; readonly events: number } | undefined,
): Result<LoadedBitmapSuper> {
  const read = readBitmapSuper(page)
  if (!read.ok) return read
  const header = read.value
  const reason = refusal(header)
  if (reason !== undefined) return fail('EINVAL', reason)
  if (array && !header.uuid.every((byte, i) => byte === array.uuid[i])) {
    return fail('EINVAL', 'bitmap superblock UUID mismatch')
  }
  if ((header.state & BITMAP_STATE_WRITE_ERROR) !== 0) return fail('EIO', 'the bitmap has had a write error')
  const behind = array !== undefined && header.events < array.events
  return ok({ header, stale: behind || (header.state & BITMAP_STATE_STALE) !== 0 })
}

function refusal(header: BitmapSuper): string | undefined {
  const { version, chunksize } = header
  if (version < BITMAP_VERSION_HOST_ENDIAN || version > BITMAP_VERSION_CLUSTERED) {
    return 'unrecognized superblock version'
  }
  if (chunksize < 512) return 'bitmap chunksize too small'
  if (!isPowerOfTwo(chunksize)) return 'bitmap chunksize not a power of 2'
  if ((header.daemon_sleep * KERNEL_HZ) % 2 ** 32 === 0) return 'daemon sleep period out of range'
  if (header.write_behind > BITMAP_COUNTER_MAX) return 'write-behind limit out of range (0 - 16383)'
  if (version === BITMAP_VERSION_CLUSTERED && header.nodes > 0) return 'clustered, and there is no cluster'
  return undefined
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}

/**
 * How many chunks, and so bits, cover a device.
 * @param syncSectors sectors covered
 * @param chunkBytes bytes of one chunk
 */
export function bitmapChunks(syncSectors: number, chunkBytes: number): number {
  return Math.ceil(syncSectors / (chunkBytes / 512))
}

/** Bytes of header and bits together, padding to a sector or page not counted. */
export function bitmapBytes(chunks: number): number {
  return BITMAP_SUPER_BYTES + Math.ceil(chunks / 8)
}

/** Pages that hold header and bits. */
export function bitmapPages(chunks: number): number {
  return Math.ceil(bitmapBytes(chunks) / BITMAP_PAGE_BYTES)
}

/** The page that holds the bit of a chunk. */
export function bitPage(chunk: number): number {
  return Math.floor((BITMAP_SUPER_BYTES * 8 + chunk) / (BITMAP_PAGE_BYTES * 8))
}

/** The byte, counted from the start of the header, that holds the bit of a chunk. */
export function bitByte(chunk: number): number {
  return BITMAP_SUPER_BYTES + Math.floor(chunk / 8)
}

/** The bit of a chunk inside its byte. */
export function bitMask(chunk: number): number {
  return 1 << (chunk % 8)
}

/**
 * How much of a page goes to the disk when it is written: all of it, of the last page only up to the last byte in use,
 * in whole logical blocks. What lies behind is never touched.
 * @source __write_sb_page, drivers/md/md-bitmap.c, 6.1
 */
export function bitmapPageWriteBytes(page: number, chunks: number, logicalBlockBytes = 512): number {
  if (page < bitmapPages(chunks) - 1) return BITMAP_PAGE_BYTES
  const last = bitmapBytes(chunks) - page * BITMAP_PAGE_BYTES
  return Math.ceil(last / logicalBlockBytes) * logicalBlockBytes
}

/**
 * Tells whether a page of the bitmap would be written over something else: Linux fails such a write with EINVAL.
 * @param place sectors on the member: superblock, bitmap relative to it, data, data length
 * @source __write_sb_page, drivers/md/md-bitmap.c, 6.1
 */
export function bitmapPageCollides(
  page: number,
  writeBytes: number,
  place: {
    readonly superSector: number
    readonly bitmapOffset: number
    readonly dataOffset: number
    readonly dataSectors: number
  },
): boolean {
  const from = place.bitmapOffset + page * (BITMAP_PAGE_BYTES / 512)
  const to = from + writeBytes / 512
  if (place.bitmapOffset < 0) {
    return to > 0 || place.dataOffset + place.dataSectors > place.superSector + place.bitmapOffset
  }
  if (place.superSector < place.dataOffset) return place.superSector + to > place.dataOffset
  // Data, superblock, bitmap, in this order: nothing lies behind that could be hit.
  return false
}
