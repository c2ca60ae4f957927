/**
 * What is compared: an answer reduced to what both worlds must agree on. A golden is an observation of the kernel, written down.
 *
 * - A command: whether it succeeded, and its standard output with devices by name; the three reports of mdadm by their fields.
 *   Error output is not compared.
 * - A disk with an MD superblock: superblock and bitmap by their fields, and every byte from data_offset on.
 * - A metadata device of dm-raid: superblock and bitmap by their fields, and every byte besides.
 * - A journal: every meta block by its fields, numbered from the lowest, and every byte besides.
 * - Any other disk: every byte.
 *
 * A script that declares `loose bitmap` leaves out what depends on how long ago the last write was: the counter pages in
 * /proc/mdstat, the number of dirty bits of --examine-bitmap, and the bits on a member that was left behind.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Answer } from './answer.ts'
import { diskNames, imagePath } from './disks.ts'
import { readJournal } from './journal.ts'
import { readMember } from './member.ts'
import type { Bitmap, Member } from './member.ts'
import { Names } from './normalise.ts'
import { readRaidMetadata, type RaidMetadata } from './raid_metadata.ts'
import { parseReport, reportKind } from './report.ts'
import type { Fields } from './report.ts'
import { SECTOR_BYTES, sketch, SKETCH_SECTORS } from './sketch.ts'

export interface CommandObservation {
  readonly command: string
  readonly status: number
  /** Lines of standard output; absent for a report. */
  readonly stdout?: readonly string[]
  readonly fields?: Fields
}

export interface ContentsObservation {
  readonly fromSector: number
  readonly sectors: number
  readonly sha256: string
  /** Four hexadecimal digits per piece, to say where a difference is; see sketch.ts. */
  readonly sketch: string
}

export interface DiskObservation {
  /** Whether the superblock's event count is the highest among the members of its array, or behind. */
  readonly events?: string
  readonly superblock?: Member['superblock']
  readonly roles?: string
  readonly badBlocks?: readonly string[]
  readonly bitmap?: Bitmap
  /** The blocks of a log. */
  readonly journal?: readonly string[]
  readonly contents: ContentsObservation
}

export interface Observation {
  readonly commands: readonly CommandObservation[]
  readonly disks: Readonly<Record<string, DiskObservation>>
}

/** Reduces an answer; reads the images it left. */
export function observe(answer: Answer, looseBitmap: boolean, looseJournal = false): Observation {
  const diskList = diskNames(answer.disksFolder)
  const names = new Names(answer.world, diskList)
  const commands = answer.commands.map(({ command, stdout, status }): CommandObservation => {
    const kind = reportKind(command)
    if (kind !== null) {
      const fields = parseReport(kind, stdout, (major, minor) => names.of(major, minor))
      return { command, status, fields: looseBitmap ? loosen(fields) : fields }
    }
    const text = names.normalise(command, stdout)
    return { command, status, stdout: lines(looseBitmap ? text.replace(BITMAP_PAGES, '…/$1 pages […]') : text) }
  })
  const images = diskList.map((name) => readFileSync(imagePath(answer.disksFolder, name)))
  const members = images.map((image) => readMember(image))
  const newest = new Map<string, bigint>()
  for (const member of members) {
    if (member !== null && member.events >= (newest.get(member.array) ?? 0n)) newest.set(member.array, member.events)
  }
  const disks: Record<string, DiskObservation> = {}
  diskList.forEach((name, i) => {
    const member = members[i] ?? null
    const isNewest = member !== null && member.events === newest.get(member.array)
    const disk = observeDisk(images[i]!, member, isNewest, looseBitmap)
    disks[name] = looseJournal && disk.journal !== undefined ? withoutLog(disk) : disk
  })
  return { commands, disks }
}

/** What a disk with a log is besides: its tail and its blocks are left out. */
function withoutLog({ journal: _journal, superblock, contents, ...rest }: DiskObservation): DiskObservation {
  const { recovery_offset: _tail, ...fields } = superblock ?? {}
  const nothing = { ...contents, sha256: '', sketch: '' }
  return { ...rest, ...(superblock === undefined ? {} : { superblock: fields }), contents: nothing }
}

/** `1/1 pages [4KB]` in /proc/mdstat. */
const BITMAP_PAGES = /\b\d+\/(\d+) pages \[\d+KB\]/g

function loosen(fields: Fields): Fields {
  const { Bitmap: bitmap, ...others } = fields
  return bitmap === undefined ? fields : { ...others, Bitmap: bitmap.split(',')[0]! }
}

function observeDisk(
  image: Uint8Array,
  member: Member | null,
  isNewest: boolean,
  looseBitmap: boolean,
): DiskObservation {
  if (member === null) {
    const metadata = readRaidMetadata(image)
    if (metadata !== null) return observeRaidMetadata(image, metadata, looseBitmap)
    return observeRest(image, 0, new Uint8Array(16))
  }
  const { superblock, roles, badBlocks, bitmap } = member
  const bits = bitmap !== null && looseBitmap && !isNewest ? 'left behind' : bitmap?.bits
  return {
    events: isNewest ? 'newest' : 'behind',
    superblock,
    roles,
    ...(badBlocks.length > 0 ? { badBlocks } : {}),
    ...(bitmap !== null && bits !== undefined ? { bitmap: { header: bitmap.header, bits } } : {}),
    ...observeRest(
      image,
      Math.min(member.dataOffsetSectors, image.length / SECTOR_BYTES),
      Buffer.from(member.array, 'hex'),
      member.dataEndSectors,
    ),
  }
}

/** With a loose bitmap, bits that time clears and counts that go with them are left out. */
function observeRaidMetadata(image: Uint8Array, metadata: RaidMetadata, looseBitmap: boolean): DiskObservation {
  const { superblock, bitmap } = metadata
  if (!looseBitmap) {
    return { superblock, ...(bitmap === null ? {} : { bitmap }), contents: observeContents(image, 0) }
  }
  const { events: _events, ...fields } = superblock
  const masked = image.slice()
  masked.fill(0, 16, 24)
  masked.fill(0, 4096 + 24, 4096 + 40)
  masked.fill(0, 4096 + 256, 4096 + 4096)
  return { superblock: fields, contents: observeContents(masked, 0) }
}

/** The bytes of a disk from some sector on: of a log, its blocks apart. */
function observeRest(
  image: Uint8Array,
  fromSector: number,
  uuid: Uint8Array,
  endSector?: number,
): Pick<DiskObservation, 'journal' | 'contents'> {
  const journal = readJournal(image.subarray(fromSector * SECTOR_BYTES), uuid)
  if (journal === null) return { contents: observeContents(image, fromSector, endSector) }
  const sectors = image.length / SECTOR_BYTES - fromSector
  return { journal: journal.blocks, contents: { fromSector, sectors, sha256: journal.rest, sketch: '' } }
}

function observeContents(image: Uint8Array, fromSector: number, endSector?: number): ContentsObservation {
  const bytes = image.subarray(
    fromSector * SECTOR_BYTES,
    endSector === undefined ? undefined : endSector * SECTOR_BYTES,
  )
  return {
    fromSector,
    sectors: bytes.length / SECTOR_BYTES,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sketch: sketch(bytes, SKETCH_SECTORS),
  }
}

/** Lines without the last newline; a trailing blank inside a line counts. */
function lines(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : `${text}\\`).split('\n')
}
