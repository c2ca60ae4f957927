/** What `integritysetup` prints of a device. @source INTEGRITY_dump, lib/integrity/integrity.c; action_status, src/integritysetup.c, cryptsetup 2.6.1 */
import type { IntegrityDevice } from '../checksum/integrity_device.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import {
  FLAG_DIRTY_BITMAP,
  FLAG_FIXED_HMAC,
  FLAG_FIXED_PADDING,
  FLAG_JOURNAL_MAC,
  FLAG_RECALCULATING,
  INTEGRITY_SB_SECTORS,
  type IntegritySuperblock,
} from '../format/integrity_superblock.ts'

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [FLAG_JOURNAL_MAC, 'have_journal_mac'],
  [FLAG_RECALCULATING, 'recalculating'],
  [FLAG_DIRTY_BITMAP, 'dirty_bitmap'],
  [FLAG_FIXED_PADDING, 'fix_padding'],
  [FLAG_FIXED_HMAC, 'fix_hmac'],
]

export function integrityDumpText(path: string, sb: IntegritySuperblock): string {
  const isRecalculating = (sb.flags & FLAG_RECALCULATING) !== 0
  const lines = [
    `Info for integrity device ${path}.`,
    `superblock_version ${sb.version}`,
    `log2_interleave_sectors ${sb.log2_interleave_sectors}`,
    `integrity_tag_size ${sb.integrity_tag_size}`,
    `journal_sections ${sb.journal_sections}`,
    `provided_data_sectors ${sb.provided_data_sectors}`,
    `sector_size ${512 * 2 ** sb.log2_sectors_per_block}`,
  ]
  if (isRecalculating) lines.push(`recalc_sector ${sb.recalc_sector}`)
  lines.push(`log2_blocks_per_bitmap ${sb.log2_blocks_per_bitmap_bit}`)
  const flags = FLAG_NAMES.filter(([flag]) => (sb.flags & flag) !== 0).map(([, name]) => `${name} `)
  lines.push(`flags ${flags.join('')}`)
  return lines.join('\n') + '\n'
}

export function integrityStatusLines(mapped: MappedDevice, device: IntegrityDevice): string {
  const { bitmaps, data, layout, line, meta, separateMeta } = device
  const { mode } = line
  const lines = [
    '  type:    INTEGRITY',
    `  tag size: ${layout.tagBytes}`,
    `  integrity: ${line.hash ?? '(none)'}`,
    `  device:  /dev/${data.name}${separateMeta ? ' (detached)' : ''}`,
  ]
  if (separateMeta) lines.push(`  metadata device:  /dev/${meta.name}`)
  lines.push(
    `  sector size:  ${layout.blockSectors * 512} bytes`,
    `  interleave sectors: ${2 ** layout.log2Interleave}`,
    `  size:    ${mapped.sectors} sectors`,
    `  mode:    ${mapped.readOnly ? 'readonly' : 'read/write'}${mode === 'R' ? ' recovery' : ''}`,
    `  failures: ${device.mismatches}`,
  )
  if (mode === 'B') {
    lines.push(`  bitmap 512-byte sectors per bit: ${bitmaps.bitSectors}`)
    lines.push(`  bitmap flush interval: ${device.flushIntervalMs} ms`)
  }
  if (mode === 'B' || mode === 'D') lines.push('  journal: not active')
  else {
    lines.push(
      `  journal size: ${(layout.initialSectors - INTEGRITY_SB_SECTORS) * 512} bytes`,
      `  journal watermark: ${mode === 'R' ? 0 : line.watermark}%`,
      `  journal commit time: ${mode === 'R' ? 0 : line.commitMs} ms`,
    )
  }
  return lines.join('\n') + '\n'
}

/** The last line of the wiping. @param nanoseconds that it took */
export function wipedText(bytes: number, nanoseconds: number): string {
  const seconds = nanoseconds / 1e9
  const mebibytes = bytes / 1048576
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const speed = seconds > 0 ? mebibytes / seconds : 0
  const written = String(Math.floor(mebibytes)).padStart(4)
  return `Finished, time ${two(seconds / 60)}m${two(seconds % 60)}s, ${written} MiB written, speed ${speed.toFixed(1).padStart(5)} MiB/s`
}
