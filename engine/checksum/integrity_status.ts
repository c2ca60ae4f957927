/** How an integrity device describes itself. @source dm_integrity_status, drivers/md/dm-integrity.c, 6.1 */
import { deviceId } from '../block/device.ts'
import { FLAG_FIXED_HMAC, FLAG_FIXED_PADDING, INTEGRITY_SB_SECTORS } from '../format/integrity_superblock.ts'
import type { IntegrityDevice } from './integrity_device.ts'

/** `<mismatches> <length> <where the recalculation stands, or ->`. */
export function integrityStatusText(device: IntegrityDevice): string {
  const { isRecalculating, layout, mismatches, sb } = device
  return `${mismatches} ${layout.providedSectors} ${isRecalculating ? sb.recalc_sector : '-'}`
}

/** The line in the kernel's spelling. */
export function integrityTableText(device: IntegrityDevice): string {
  const { bitmaps, data, isRecalculating, layout, line, meta, sb } = device
  const { entries } = layout.journal
  const watermark = Math.floor(((entries - device.freeThreshold) * 100 + Math.floor(entries / 2)) / entries)
  const words: string[] = []
  if (layout.separateMeta) words.push(`meta_device:${deviceId(meta)}`)
  if (layout.blockSectors !== 1) words.push(`block_size:${layout.blockSectors * 512}`)
  if (isRecalculating) words.push('recalculate')
  if (line.resetRecalculate) words.push('reset_recalculate')
  if (line.discards) words.push('allow_discards')
  words.push(`journal_sectors:${layout.initialSectors - INTEGRITY_SB_SECTORS}`)
  words.push(`interleave_sectors:${2 ** layout.log2Interleave}`)
  words.push(`buffer_sectors:${layout.bufferSectors}`)
  if (line.mode === 'J') words.push(`journal_watermark:${watermark}`, `commit_time:${line.commitMs}`)
  if (line.mode === 'B') {
    words.push(`sectors_per_bit:${bitmaps.bitSectors}`, `bitmap_flush_interval:${device.flushIntervalMs}`)
  }
  if ((sb.flags & FLAG_FIXED_PADDING) !== 0) words.push('fix_padding')
  if ((sb.flags & FLAG_FIXED_HMAC) !== 0) words.push('fix_hmac')
  if (line.legacyRecalculate) words.push('legacy_recalculate')
  if (line.hash !== null) words.push(`internal_hash:${line.hash}`)
  return `${deviceId(data)} ${line.start} ${line.tagBytes} ${line.mode} ${words.length} ${words.join(' ')}`
}
