/**
 * What is compared: an answer reduced to what both worlds must agree on. A golden is an observation of the kernel, written down.
 *
 * - A command: whether it succeeded, and its standard output with devices by name; the three reports of mdadm by their fields.
 *   Error output is not compared.
 * - A disk with an MD superblock: superblock and bitmap by their fields, and every byte from data_offset on.
 * - Any other disk: every byte.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Answer } from './answer.ts'
import { diskNames, imagePath } from './disks.ts'
import { readMember } from './member.ts'
import type { Bitmap, Member } from './member.ts'
import { Names } from './normalise.ts'
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
  readonly contents: ContentsObservation
}

export interface Observation {
  readonly commands: readonly CommandObservation[]
  readonly disks: Readonly<Record<string, DiskObservation>>
}

/** Reduces an answer; reads the images it left. */
export function observe(answer: Answer): Observation {
  const diskList = diskNames(answer.disksFolder)
  const names = new Names(answer.world, diskList)
  const commands = answer.commands.map(({ command, stdout, status }): CommandObservation => {
    const kind = reportKind(command)
    if (kind !== null) {
      return { command, status, fields: parseReport(kind, stdout, (major, minor) => names.of(major, minor)) }
    }
    return { command, status, stdout: lines(names.normalise(command, stdout)) }
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
    disks[name] = observeDisk(images[i]!, member, member === null ? 0n : newest.get(member.array)!)
  })
  return { commands, disks }
}

function observeDisk(image: Uint8Array, member: Member | null, newest: bigint): DiskObservation {
  if (member === null) return { contents: observeContents(image, 0) }
  return {
    events: member.events === newest ? 'newest' : 'behind',
    superblock: member.superblock,
    roles: member.roles,
    ...(member.badBlocks.length > 0 ? { badBlocks: member.badBlocks } : {}),
    ...(member.bitmap !== null ? { bitmap: member.bitmap } : {}),
    contents: observeContents(image, Math.min(member.dataOffsetSectors, image.length / SECTOR_BYTES)),
  }
}

function observeContents(image: Uint8Array, fromSector: number): ContentsObservation {
  const bytes = image.subarray(fromSector * SECTOR_BYTES)
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
