/** The values of fields on disk in words, and what kind of thing a field says. */
import { ctimeText } from '../md/ctime_text.ts'
import { layoutText } from '../md/mdadm_names.ts'
import { MDP_SUPERBLOCK_1, ROLE_FAULTY, ROLE_JOURNAL, ROLE_SPARE, superblockChecksum } from '../format/md_superblock.ts'
import type { FieldInfo } from '../format/struct.ts'

/** What a field speaks of: by this it is coloured. */
export type Meaning = 'identity' | 'shape' | 'place' | 'state' | 'time' | 'check' | 'bits' | 'unused'

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ...named('identity', 'magic major_version version set_uuid set_name uuid device_uuid dev_number cluster_name nodes'),
  ...named('shape', 'level layout size chunksize raid_disks max_dev sync_size daemon_sleep write_behind devflags'),
  ...named('shape', 'new_level delta_disks new_layout new_chunk bblog_shift'),
  ...named('place', 'bitmap_offset data_offset data_size super_offset new_offset bblog_offset bblog_size'),
  ...named('place', 'sectors_reserved'),
  ...named('state', 'feature_map events events_cleared resync_offset recovery_offset reshape_position state'),
  ...named('state', 'cnt_corrected_read'),
  ...named('time', 'ctime ctime_high utime utime_high'),
  ...named('check', 'sb_csum'),
}

function named(meaning: Meaning, names: string): Record<string, Meaning> {
  return Object.fromEntries(names.split(' ').map((name) => [name, meaning]))
}

export function meaningOf(name: string): Meaning {
  return MEANINGS[name] ?? 'shape'
}

const FEATURES: readonly (readonly [number, string])[] = [
  [1, 'bitmap'],
  [2, 'recovery offset'],
  [4, 'reshape'],
  [8, 'bad blocks'],
  [16, 'replacement'],
  [32, 'reshape backwards'],
  [64, 'new offset'],
  [128, 'recovery by bitmap'],
  [256, 'clustered'],
  [512, 'journal'],
  [1024, 'ppl'],
  [2048, 'several ppls'],
  [4096, 'raid0 layout'],
]

const BITMAP_STATES: readonly (readonly [number, string])[] = [
  [1 << 1, 'stale'],
  [1 << 2, 'write error'],
  [1 << 15, 'host-endian'],
]

const LEVELS: Readonly<Record<number, string>> = { [-4]: 'multipath', [-1]: 'linear' }

function flags(value: number, names: readonly (readonly [number, string])[], none: string): string {
  const said = names.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name)
  const known = names.reduce((sum, [bit]) => sum | bit, 0)
  const rest = (value & ~known) >>> 0
  if (rest !== 0) said.push(`unknown 0x${rest.toString(16)}`)
  return said.join(', ') || none
}

/** Sectors, and how much that is. */
function sectors(value: number): string {
  const kibibytes = value / 2
  if (kibibytes === 0) return '0'
  for (const [size, unit] of [
    [2 ** 30, 'TiB'],
    [2 ** 20, 'GiB'],
    [1024, 'MiB'],
    [1, 'KiB'],
  ] as const) {
    const amount = Math.round((Math.abs(kibibytes) / size) * 10) / 10
    if (Math.abs(kibibytes) >= size) return `${value} (${kibibytes < 0 ? '-' : ''}${amount} ${unit})`
  }
  return String(value)
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

/** A uuid as mdadm writes it: four groups of eight digits. */
function uuid(bytes: Uint8Array): string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/.{8}(?=.)/g, '$&:')
}

/** What a role says of its member. */
export function roleText(role: number): string {
  if (role === ROLE_SPARE) return 'spare or none'
  if (role === ROLE_FAULTY) return 'faulty'
  if (role === ROLE_JOURNAL) return 'journal'
  return `slot ${role}`
}

/** Where a 64-bit number is all ones, what that says. */
const ALL_ONES: Readonly<Record<string, string>> = {
  resync_offset: 'all ones: in sync',
  recovery_offset: 'all ones: complete',
}

/** A number of any width; a 64-bit one that no number holds stays exact. */
function integer({ kind, offset }: FieldInfo, view: DataView): number | bigint {
  switch (kind) {
    case 'u8':
      return view.getUint8(offset)
    case 'u16':
      return view.getUint16(offset, true)
    case 'i32':
      return view.getInt32(offset, true)
    case 'u64':
    case 'big64': {
      const value = view.getBigUint64(offset, true)
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
    }
    default:
      return view.getUint32(offset, true)
  }
}

/** What is neither a number nor needs more than itself to be told. */
function plainValue(info: FieldInfo, bytes: Uint8Array, view: DataView): string | number {
  const field = bytes.subarray(info.offset, info.offset + info.size)
  if (info.kind === 'pad') return field.every((byte) => byte === 0) ? '' : 'not zero'
  if (info.kind === 'bytes') return uuid(field)
  if (info.kind === 'text') {
    const end = field.indexOf(0)
    return String.fromCharCode(...(end < 0 ? field : field.subarray(0, end))).replace(/[^\x20-\x7e]/g, '·') || 'none'
  }
  const value = integer(info, view)
  if (typeof value === 'number') return value
  return value === 0xffff_ffff_ffff_ffffn ? (ALL_ONES[info.name] ?? 'all ones') : `0x${value.toString(16)}`
}

/** A field of the superblock in words. @param bytes its first sector */
export function superblockValue(info: FieldInfo, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const value = plainValue(info, bytes, view)
  if (typeof value === 'string') return value
  switch (info.name) {
    case 'magic':
      return hex(value)
    case 'feature_map':
      return flags(value, FEATURES, 'none')
    case 'ctime':
    case 'utime':
      return ctimeText(value)
    case 'level':
      return LEVELS[value] ?? `raid${value}`
    case 'layout': {
      const level = view.getInt32(MDP_SUPERBLOCK_1.offsets.level, true)
      const name = layoutText(level, value)
      return name === '' || name === '-unknown-' ? String(value) : `${value} (${name})`
    }
    case 'size':
    case 'chunksize':
    case 'data_size':
    case 'resync_offset':
    case 'recovery_offset':
      return sectors(value)
    case 'sb_csum':
      return `${hex(value)}${checksumVerdict(value, bytes, view)}`
    default:
      return String(value)
  }
}

function checksumVerdict(value: number, bytes: Uint8Array, view: DataView): string {
  const roles = view.getUint32(MDP_SUPERBLOCK_1.offsets.max_dev, true)
  if (256 + 2 * roles > bytes.length) return ''
  const right = superblockChecksum(bytes, roles)
  return right === value ? ' (right)' : ` (wrong: ${hex(right)})`
}

/** A field of the bitmap's header in words. */
export function bitmapValue(info: FieldInfo, bytes: Uint8Array): string {
  const value = plainValue(info, bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
  if (typeof value === 'string') return value
  switch (info.name) {
    case 'magic':
      return `${hex(value)} (“bitm”)`
    case 'state':
      return flags(value, BITMAP_STATES, 'well')
    case 'sync_size':
      return sectors(value)
    case 'chunksize':
      return value % 1024 === 0 ? `${value} (${value / 1024} KiB)` : String(value)
    case 'daemon_sleep':
      return `${value} s`
    default:
      return String(value)
  }
}
