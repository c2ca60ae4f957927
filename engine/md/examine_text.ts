import { decodeBadBlocks } from '../format/md_badblocks.ts'
import {
  bitmapBytes,
  bitmapChunks,
  bitByte,
  bitMask,
  BITMAP_MAGIC,
  type BitmapSuper,
} from '../format/md_bitmap_super.ts'
import {
  DEVFLAG_FAILFAST,
  DEVFLAG_WRITE_MOSTLY,
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  FEATURE_RAID0_LAYOUT,
  FEATURE_RECOVERY_OFFSET,
  FEATURE_REPLACEMENT,
  ROLE_FAULTY,
  ROLE_JOURNAL,
  ROLE_MAX,
  roleOf,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { ctimeText } from './ctime_text.ts'
import { formatUuid, humanSize, layoutName, levelName, raid10LayoutText } from './mdadm_names.ts'

/** What `mdadm --examine` knows beside the superblock. */
export interface ExaminedDevice {
  /** As the person wrote it. */
  readonly name: string
  readonly sectors: number
  /** The checksum that the superblock should carry. */
  readonly checksum: number
  /** Header of its bitmap, if it has one. */
  readonly bitmap: BitmapSuper | undefined
  /** Name of the machine: arrays named after it are called local. */
  readonly homehost: string
}

/**
 * The report of `mdadm --examine` on one member.
 * @differs says nothing of a reshape, a partial parity log or a cluster: this simulator has none
 * @source examine_super1, super1.c, mdadm 4.2
 */
export function examineText(superblock: MdSuperblock, device: ExaminedDevice): string {
  const sections = [
    identityLines(superblock, device),
    sizeLines(superblock, device),
    stateLines(superblock, device),
    layoutLines(superblock),
    roleLines(superblock),
  ]
  return `${device.name}:\n${sections.map((lines) => lines.join('')).join('\n')}`
}

/** `          Magic : a92b4efc`: the colons of a report stand below each other. */
function line(label: string, value: string | number): string {
  return `${label.padStart(15)} : ${value}\n`
}

function identityLines(superblock: MdSuperblock, { homehost }: ExaminedDevice): string[] {
  const { super_offset, set_name } = superblock
  return [
    line('Magic', superblock.magic.toString(16).padStart(8, '0')),
    line('Version', super_offset <= 4 ? '1.1' : super_offset <= 8 ? '1.2' : '1.0'),
    line('Feature Map', `0x${superblock.feature_map.toString(16)}`),
    line('Array UUID', formatUuid(superblock.set_uuid)),
    line('Name', set_name + localName(set_name, homehost)),
    line('Creation Time', ctimeText(superblock.ctime)),
    line('Raid Level', levelName(superblock.level)),
    line('Raid Devices', superblock.raid_disks),
  ]
}

/** What follows a name that begins with the name of this machine. */
export function localName(setName: string, homehost: string): string {
  const local = homehost.length > 0 && homehost.length < 32 && setName.startsWith(`${homehost}:`)
  return local ? `  (local to host ${homehost})` : ''
}

function sizeLines(superblock: MdSuperblock, device: ExaminedDevice): string[] {
  const { level, size, data_size, data_offset } = superblock
  const lines = [line('Avail Dev Size', `${data_size} sectors${humanSize(data_size * 512)}`)]
  if (level > 0) {
    const share = dataShare(superblock)
    const arrayBytes = Math.floor(size * 512 * share)
    if (share > 0) lines.push(line('Array Size', `${Math.floor(arrayBytes / 1024)} KiB${humanSize(arrayBytes)}`))
    if (size !== data_size) lines.push(line('Used Dev Size', `${size} sectors${humanSize(size * 512)}`))
  }
  if (data_offset !== 0) lines.push(line('Data Offset', `${data_offset} sectors`))
  lines.push(line('Super Offset', `${superblock.super_offset} sectors`))
  if ((superblock.feature_map & FEATURE_RECOVERY_OFFSET) !== 0) {
    lines.push(line('Recovery Offset', `${superblock.recovery_offset} sectors`))
  }
  const { before, after } = unusedSpace(superblock, device)
  // One sector behind the data is what the tool takes for "nothing at all".
  if ((before !== 0 || after !== 0) && after !== 1) {
    lines.push(line('Unused Space', `before=${before} sectors, after=${after} sectors`))
  }
  lines.push(line('State', superblock.resync_offset === MAX_SECTOR ? 'clean' : 'active'))
  lines.push(line('Device UUID', formatUuid(superblock.device_uuid)))
  return lines
}

/** How many members' worth of data the array holds. */
function dataShare({ level, layout, raid_disks }: MdSuperblock): number {
  if (level === 1) return 1
  if (level === 4 || level === 5) return raid_disks - 1
  if (level === 6) return raid_disks - 2
  return level === 10 ? raid_disks / ((layout & 255) * ((layout >> 8) & 255)) : 0
}

/**
 * Sectors free between the metadata and the data, and behind the data.
 * @source getinfo_super1, super1.c, mdadm 4.2
 */
function unusedSpace(superblock: MdSuperblock, device: ExaminedDevice): { before: number; after: number } {
  const { super_offset, data_offset, bblog_offset, bblog_size } = superblock
  const used = superblock.level > 0 ? superblock.size : superblock.data_size
  const hasBitmap = (superblock.feature_map & FEATURE_BITMAP_OFFSET) !== 0 && device.bitmap !== undefined
  const bitmapOffset = hasBitmap ? superblock.bitmap_offset : 0
  const hasLog = bblog_offset !== 0 && bblog_size !== 0
  if (data_offset < super_offset) {
    const end = Math.min(super_offset + bitmapOffset, hasLog ? super_offset + bblog_offset : Infinity)
    return { before: data_offset, after: Math.max(0, end - used - data_offset) }
  }
  // The kernel keeps 32 KiB behind the superblock free for itself.
  let earliest = super_offset + 72
  if (bitmapOffset > 0 && device.bitmap) {
    earliest = Math.max(earliest, bitmapOffset + Math.ceil(bitmapBytes(bitmapBits(device.bitmap)) / 4096) * 8)
  }
  if (hasLog) earliest = Math.max(earliest, super_offset + bblog_offset + bblog_size)
  const behind = device.sectors - used - data_offset
  // A journal uses all it can in whole pages.
  const after = roleOf(superblock) === ROLE_JOURNAL ? (device.sectors - data_offset) % 8 : behind
  return { before: Math.max(0, data_offset - earliest), after }
}

function stateLines(superblock: MdSuperblock, { checksum }: ExaminedDevice): string[] {
  const { feature_map, devflags, bblog_offset, bblog_size, sb_csum } = superblock
  const lines: string[] = []
  if ((feature_map & FEATURE_BITMAP_OFFSET) !== 0) {
    lines.push(line('Internal Bitmap', `${superblock.bitmap_offset} sectors from superblock`))
  }
  if (devflags !== 0) {
    const writeMostly = (devflags & DEVFLAG_WRITE_MOSTLY) !== 0 ? ' write-mostly' : ''
    const failFast = (devflags & DEVFLAG_FAILFAST) !== 0 ? ' failfast' : ''
    lines.push(`          Flags :${writeMostly}${failFast}\n`)
  }
  lines.push(line('Update Time', ctimeText(superblock.utime)))
  if (bblog_size !== 0 && bblog_offset !== 0) {
    const present = (feature_map & FEATURE_BAD_BLOCKS) !== 0 ? ' - bad blocks present.' : ''
    lines.push(
      line('Bad Block Log', `${bblog_size * 64} entries available at offset ${bblog_offset} sectors${present}`),
    )
  }
  const verdict = checksum === sb_csum ? 'correct' : `expected ${checksum.toString(16)}`
  lines.push(line('Checksum', `${sb_csum.toString(16)} - ${verdict}`))
  lines.push(line('Events', superblock.events))
  return lines
}

function layoutLines({ level, layout, chunksize, feature_map }: MdSuperblock): string[] {
  const lines: string[] = []
  if (level === 0 && (feature_map & FEATURE_RAID0_LAYOUT) !== 0) lines.push(line('Layout', layoutName(level, layout)))
  if (level === 5 || level === 6) lines.push(line('Layout', layoutName(level, layout)))
  if (level === 10) lines.push(line('Layout', raid10LayoutText(layout)))
  if ([0, 4, 5, 6, 10].includes(level)) lines.push(line('Chunk Size', `${Math.floor(chunksize / 2)}K`))
  return lines
}

function roleLines(superblock: MdSuperblock): string[] {
  const { dev_roles, raid_disks, level } = superblock
  const counts = Array.from({ length: raid_disks }, (_, slot) => dev_roles.filter((role) => role === slot).length)
  const letters = counts.map((count) => (count === 0 ? '.' : count === 1 ? 'A' : count === 2 && level > 0 ? 'R' : '?'))
  const lines = [
    `   Device Role : ${roleText(superblock)}\n`,
    `   Array State : ${letters.join('')} ('A' == active, '.' == missing, 'R' == replacing)\n`,
  ]
  if (letters.includes('?') || dev_roles.some((role) => role <= ROLE_MAX && role > raid_disks)) {
    lines.push('WARNING Array state is inconsistent - each number should appear only once\n')
    lines.push(`${dev_roles.map((role, i) => ` ${i}:${role >= ROLE_FAULTY ? '-' : role}`).join('')}\n`)
  }
  return lines
}

function roleText(superblock: MdSuperblock): string {
  const role = roleOf(superblock)
  if (role >= ROLE_FAULTY) return 'spare'
  if (role === ROLE_JOURNAL) return 'Journal'
  return `${(superblock.feature_map & FEATURE_REPLACEMENT) !== 0 ? 'Replacement' : 'Active'} device ${role}`
}

const BITMAP_STATES: Readonly<Record<number, string>> = { 0: 'OK', 2: 'Out of date' }

/** Bits that stand for a chunk. */
function bitmapBits(bitmap: BitmapSuper): number {
  return bitmapChunks(bitmap.sync_size, bitmap.chunksize)
}

/**
 * The report of `mdadm --examine-bitmap` on one member.
 * @param header as read from the member
 * @param stream the bitmap from its first byte on: header and bits
 * @source ExamineBitmap, bitmap.c, mdadm 4.2
 */
export function examineBitmapText(name: string, header: BitmapSuper, stream: Uint8Array): string {
  const total = bitmapBits(header)
  // What the header speaks of and nobody has read counts as dirty.
  const read = Math.min(total, Math.max(0, stream.length - bitByte(0)) * 8)
  let dirty = total - read
  for (let chunk = 0; chunk < read; chunk++) {
    if ((stream[bitByte(chunk)] & bitMask(chunk)) !== 0) dirty++
  }
  const behind = header.write_behind === 0 ? 'Normal' : `Allow write behind, max ${header.write_behind}`
  return [
    bitmapLine('Filename', name),
    bitmapLine('Magic', BITMAP_MAGIC.toString(16)),
    bitmapLine('Version', header.version),
    bitmapLine('UUID', formatUuid(header.uuid)),
    bitmapLine('Events', header.events),
    bitmapLine('Events Cleared', header.events_cleared),
    bitmapLine('State', BITMAP_STATES[header.state] ?? 'Unknown'),
    bitmapLine('Chunksize', chunkSize(header.chunksize)),
    bitmapLine('Daemon', `${header.daemon_sleep}s flush period`),
    bitmapLine('Write Mode', behind),
    bitmapLine('Sync Size', `${Math.floor(header.sync_size / 2)}${humanSize(header.sync_size * 512)}`),
    bitmapLine('Bitmap', `${total} bits (chunks), ${dirty} dirty (${tenths((100 * dirty) / (total || 1))}%)`),
  ].join('')
}

/** The same of a device that is not an array's member, by what lies in its first sector. @param sector where a bitmap's header would be */
export function strangeBitmapText(name: string, sector: Uint8Array): string {
  const view = new DataView(sector.buffer, sector.byteOffset)
  return [
    bitmapLine('Filename', name),
    bitmapLine('Magic', view.getUint32(0, true).toString(16).padStart(8, '0')),
    bitmapLine('Version', view.getInt32(4, true)),
  ].join('')
}

function bitmapLine(label: string, value: string | number): string {
  return `${label.padStart(16)} : ${value}\n`
}

/** A power of two with its unit: `64 KB`. */
function chunkSize(bytes: number): string {
  const step = Math.floor(Math.log2(bytes) / 10)
  return `${bytes / 1024 ** step} ${['B', 'KB', 'MB', 'GB'][step]}`
}

/** One digit behind the point as C prints it: what lies exactly between two goes to the even one. */
function tenths(value: number): string {
  const between = Number.isInteger(value * 4) && !Number.isInteger(value * 2)
  if (!between) return value.toFixed(1)
  const below = Math.floor(value * 10)
  return ((below % 2 === 0 ? below : below + 1) / 10).toFixed(1)
}

/**
 * The report of `mdadm --examine-badblocks` on one member.
 * @param log as read from the member; empty where it is not in use
 * @source examine_badblocks_super1, super1.c, mdadm 4.2
 */
export function examineBadBlocksText(name: string, superblock: MdSuperblock, log: Uint8Array): string {
  const { bblog_size, bblog_offset, bblog_shift, feature_map } = superblock
  if (bblog_size === 0 || bblog_size > 100 || bblog_offset === 0) return `No bad-blocks list configured on ${name}\n`
  if ((feature_map & FEATURE_BAD_BLOCKS) === 0) return `Bad-blocks list is empty in ${name}\n`
  const entries = decodeBadBlocks(log, bblog_shift)
  return `Bad-blocks on ${name}:\n${entries.map((entry) => `${String(entry.sector).padStart(20)} for ${entry.count} sectors\n`).join('')}`
}
