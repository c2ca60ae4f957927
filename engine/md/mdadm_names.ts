/** Names that mdadm and the kernel use for levels and layouts, and how they write sizes and uuids. */
import type { MdMinor } from '../format/md_superblock.ts'

/** Level names that mdadm accepts; the first name of each number is the one it prints. */
const LEVELS: readonly (readonly [string, number])[] = [
  ['linear', -1],
  ['raid0', 0],
  ['0', 0],
  ['stripe', 0],
  ['raid1', 1],
  ['1', 1],
  ['mirror', 1],
  ['raid4', 4],
  ['4', 4],
  ['raid5', 5],
  ['5', 5],
  ['multipath', -4],
  ['mp', -4],
  ['raid6', 6],
  ['6', 6],
  ['raid10', 10],
  ['10', 10],
  ['faulty', -5],
  ['container', -100],
]

/** Layouts of raid5; the first name of each number is the one that is printed. */
const RAID5_LAYOUTS: readonly (readonly [string, number])[] = [
  ['left-asymmetric', 0],
  ['right-asymmetric', 1],
  ['left-symmetric', 2],
  ['right-symmetric', 3],
  ['default', 2],
  ['la', 0],
  ['ra', 1],
  ['ls', 2],
  ['rs', 3],
  ['parity-first', 4],
  ['parity-last', 5],
  ['ddf-zero-restart', 1],
  ['ddf-N-restart', 0],
  ['ddf-N-continue', 2],
]

const RAID6_LAYOUTS: readonly (readonly [string, number])[] = [
  ...RAID5_LAYOUTS.filter(([name]) => !name.startsWith('ddf')),
  ['ddf-zero-restart', 8],
  ['ddf-N-restart', 9],
  ['ddf-N-continue', 10],
  ['left-asymmetric-6', 16],
  ['right-asymmetric-6', 17],
  ['left-symmetric-6', 18],
  ['right-symmetric-6', 19],
  ['parity-first-6', 20],
]

/** Layouts of raid0, of which only those with members of different size take notice. */
const RAID0_LAYOUTS: readonly (readonly [string, number])[] = [
  ['original', 1],
  ['alternate', 2],
  ['1', 1],
  ['2', 2],
  ['dangerous', 0],
]

/** The number of a level, by name; undefined if mdadm knows none of that name. */
export function levelByName(name: string): number | undefined {
  return LEVELS.find(([known]) => known === name)?.[1]
}

/** The name of a level as mdadm prints it. */
export function levelName(level: number): string {
  return LEVELS.find(([, number]) => number === level)?.[0] ?? '-unknown-'
}

/** The stored number of a raid0, raid5, raid6 or raid10 layout; undefined if there is none of that name. */
export function layoutByName(level: number, name: string): number | undefined {
  if (level === 0) return RAID0_LAYOUTS.find(([known]) => known === name)?.[1]
  if (level === 5) return RAID5_LAYOUTS.find(([known]) => known === name)?.[1]
  if (level === 6) return RAID6_LAYOUTS.find(([known]) => known === name)?.[1]
  if (level !== 10) return undefined
  const [, kind, digits] = /^([nof])([0-9]+)$/.exec(name) ?? []
  const copies = Number(digits)
  if (!(copies >= 1 && copies <= 200)) return undefined
  if (kind === 'n') return 256 + copies
  return (kind === 'o' ? 0x10000 : 0) + (copies << 8) + 1
}

/** The name of a raid0, raid5 or raid6 layout as mdadm prints it. */
export function layoutName(level: number, layout: number): string {
  const names = level === 0 ? RAID0_LAYOUTS : level === 6 ? RAID6_LAYOUTS : RAID5_LAYOUTS
  return names.find(([, number]) => number === layout)?.[0] ?? '-unknown-'
}

/** How mdadm writes the layout of a raid10: `near=2`, `far=2`, `near=2, far=2`. */
export function raid10LayoutText(layout: number): string {
  const near = layout & 255
  const far = (layout >> 8) & 255
  const parts: string[] = []
  if (near !== 1) parts.push(`near=${near}`)
  if (far !== 1) parts.push(`${(layout & 0x10000) !== 0 ? 'offset' : 'far'}=${far}`)
  return parts.length === 0 ? 'NO REDUNDANCY' : parts.join(', ')
}

/** A layout as mdadm prints it; empty where a level has one only. */
export function layoutText(level: number, layout: number): string {
  if (level === 10) return raid10LayoutText(layout)
  return level === 5 || level === 6 ? layoutName(level, layout) : ''
}

/**
 * A size as mdadm reads it: a whole number with K (also without), M, G, T or s for sectors.
 * @returns sectors, or undefined for what mdadm calls invalid
 * @source parse_size, util.c, mdadm 4.2
 */
export function parseSectors(text: string): number | undefined {
  const [, digits, unit] = /^\s*\+?([0-9]+)([KMGTs]?)$/.exec(text) ?? []
  const count = Number(digits)
  if (!(count > 0)) return undefined
  const factor = { '': 2, K: 2, M: 2 * 1024, G: 2 * 1024 ** 2, T: 2 * 1024 ** 3, s: 1 }[unit ?? '']
  // mdadm writes "invalid" as 1, so that one sector is invalid too.
  return factor === undefined || count * factor === 1 ? undefined : count * factor
}

/** A uuid as mdadm reads it: 32 hexadecimal digits, `: . -` or blanks between them as one likes. */
export function parseUuid(text: string): Uint8Array | undefined {
  const digits = text.replace(/[:. -]/g, '')
  if (!/^[0-9a-fA-F]{32}$/.test(digits)) return undefined
  return Uint8Array.from({ length: 16 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

/** A uuid as mdadm writes it: four groups of four bytes. */
export function formatUuid(uuid: Uint8Array): string {
  const hex = Array.from(uuid, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return (hex.match(/.{8}/g) ?? []).join(':')
}

/**
 * A size in brackets behind a number of KiB, in binary and decimal units: ` (6.00 MiB 6.29 MB)`.
 * @param size in bytes; below 5000 KiB nothing is added
 * @source human_size, util.c, mdadm 4.2
 */
export function humanSize(size: number): string {
  if (size < 5000 * 1024) return ''
  if (size < 2 * 1024 ** 3) return ` (${hundredths(size, 1024 ** 2)} MiB ${hundredths(size, 1000 ** 2)} MB)`
  if (size < 2 * 1024 ** 4) return ` (${hundredths(size, 1024 ** 3)} GiB ${hundredths(size, 1000 ** 3)} GB)`
  return ` (${hundredths(size, 1024 ** 4)} TiB ${hundredths(size, 1000 ** 4)} TB)`
}

/** A quotient to the nearest hundredth. */
function hundredths(size: number, unit: number): string {
  const rounded = Math.floor((size * 200) / unit + 1)
  const value = Math.floor(rounded / 2)
  return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`
}

/**
 * The place of the superblock that `--metadata` names.
 * @returns null for `1`: wherever one is found, and where a new one lies by itself; undefined for a word that is none of those here
 * @source match_metadata_desc1, super1.c, mdadm 4.2
 */
export function minorByName(word: string): MdMinor | null | undefined {
  const name = word.replace(/^0+/, '')
  if (name === '1') return null
  if (name === '1.2' || name === '1.02' || name === 'default') return 2
  if (name === '1.1' || name === '1.01') return 1
  return name === '1.0' || name === '1.00' ? 0 : undefined
}

/** What is said of a version of metadata that is not known here. */
export function unknownMetadata(word: string): string {
  const old = /^0(\.90?)?$/.test(word) ? ' is not simulated; 1.0, 1.1 and 1.2 are' : ''
  return `unrecognised metadata identifier: ${word}${old}`
}
