/**
 * Reads what dm-raid keeps on a metadata device: superblock and write-intent bitmap. Written for the comparison alone and from the
 * format's description alone, so that the simulator's own code is not its own judge.
 */
import { readBitmapBits, type Bitmap } from './member.ts'

const MAGIC = 0x64526d44
const BITMAP_BYTE = 4096
const BITMAP_MAGIC = 0x6d746962
const ALL_ONES = 0xffffffffffffffffn

/** A metadata device, field by field. */
export interface RaidMetadata {
  readonly superblock: Readonly<Record<string, number | string>>
  readonly bitmap: Bitmap | null
}

/**
 * Reads a metadata device.
 * @param disk the whole image
 * @returns null if there is no superblock of dm-raid
 */
export function readRaidMetadata(disk: Uint8Array): RaidMetadata | null {
  if (disk.length < BITMAP_BYTE + 512) return null
  const view = new DataView(disk.buffer, disk.byteOffset, disk.length)
  if (view.getUint32(0, true) !== MAGIC) return null
  const u32 = (at: number): number => view.getUint32(at, true)
  const u64 = (at: number): number | string => {
    const value = view.getBigUint64(at, true)
    return value === ALL_ONES ? 'none' : Number(value)
  }
  const superblock: Record<string, number | string> = {
    compat_features: u32(4),
    num_devices: u32(8),
    array_position: u32(12),
    events: u64(16),
    failed_devices: `0x${view.getBigUint64(24, true).toString(16)}`,
    disk_recovery_offset: u64(32),
    array_resync_offset: u64(40),
    level: u32(48),
    layout: u32(52),
    stripe_sectors: u32(56),
    flags: u32(60),
    reshape_position: u64(64),
    new_level: u32(72),
    new_layout: u32(76),
    new_stripe_sectors: u32(80),
    delta_disks: u32(84),
    array_sectors: u64(88),
    data_offset: u64(96),
    new_data_offset: u64(104),
    sectors: u64(112),
    incompat_features: u32(144),
  }
  return { superblock, bitmap: u32(BITMAP_BYTE) === BITMAP_MAGIC ? readBitmap(view) : null }
}

function readBitmap(disk: DataView): Bitmap {
  const u32 = (at: number): number => disk.getUint32(BITMAP_BYTE + at, true)
  const u64 = (at: number): number => Number(disk.getBigUint64(BITMAP_BYTE + at, true))
  const header = {
    version: u32(4),
    events: u64(24),
    events_cleared: u64(32),
    sync_size: u64(40),
    state: u32(48),
    chunksize: u32(52),
    daemon_sleep: u32(56),
    write_behind: u32(60),
    sectors_reserved: u32(64),
    nodes: u32(68),
  }
  return { header, bits: readBitmapBits(disk, BITMAP_BYTE, header.sync_size, header.chunksize) }
}
