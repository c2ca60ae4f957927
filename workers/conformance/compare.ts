/** Compares two observations and says each difference so that a person can act on it. */
import type { CommandObservation, DiskObservation, Observation } from './observation.ts'
import { firstDifference, SECTOR_BYTES, SKETCH_SECTORS } from './sketch.ts'

/** Finds the first differing sector of a disk, if the bytes of both sides are at hand. */
export type LocateSector = (disk: string) => number | null

/**
 * Lists the differences.
 * @param expected the kernel's
 * @param got the other's
 * @returns one text per difference, empty if they agree
 */
export function compare(expected: Observation, got: Observation, locate: LocateSector = () => null): string[] {
  const differences: string[] = []
  const count = Math.max(expected.commands.length, got.commands.length)
  for (let i = 0; i < count; i++) {
    const want = expected.commands[i]
    const have = got.commands[i]
    if (want === undefined) differences.push(`command ${i + 1} was not expected: ${title(have!.command)}`)
    else if (have === undefined) differences.push(`command ${i + 1} was not answered: ${title(want.command)}`)
    else differences.push(...compareCommand(i, want, have))
  }
  for (const name of new Set([...Object.keys(expected.disks), ...Object.keys(got.disks)])) {
    const want = expected.disks[name]
    const have = got.disks[name]
    if (want === undefined) differences.push(`disk ${name} was not expected`)
    else if (have === undefined) differences.push(`disk ${name} is missing`)
    else differences.push(...compareDisk(name, want, have, locate))
  }
  return differences
}

function compareCommand(index: number, want: CommandObservation, have: CommandObservation): string[] {
  const where = `command ${index + 1}, ${title(want.command)}`
  if (title(want.command) !== title(have.command)) return [`${where}: the other ran ${title(have.command)}`]
  const differences: string[] = []
  if ((want.status === 0) !== (have.status === 0)) {
    differences.push(`${where}: status ${have.status}, expected ${want.status}`)
  }
  if (want.fields !== undefined || have.fields !== undefined) {
    differences.push(...compareRecords(where, want.fields ?? {}, have.fields ?? {}))
  }
  differences.push(...compareLines(where, want.stdout ?? [], have.stdout ?? []))
  return differences
}

/** The line that opens a command, without what a here-document adds. */
function title(command: string): string {
  return command.split('\n')[0]!
}

function compareLines(where: string, want: readonly string[], have: readonly string[]): string[] {
  if (want.length === have.length && want.every((line, i) => line === have[i])) return []
  let same = 0
  while (same < want.length && want[same] === have[same]) same++
  let tail = 0
  while (tail < Math.min(want.length, have.length) - same && want.at(-1 - tail) === have.at(-1 - tail)) tail++
  const shown = [
    ...want.slice(same, want.length - tail).map((line) => `    - ${visible(line)}`),
    ...have.slice(same, have.length - tail).map((line) => `    + ${visible(line)}`),
  ]
  const more = shown.length > 24 ? [`    (${shown.length - 24} more lines)`] : []
  return [
    [`${where}: output differs from line ${same + 1} on (- expected, + got)`, ...shown.slice(0, 24), ...more].join(
      '\n',
    ),
  ]
}

/** Makes trailing blanks and tabs seen. */
function visible(line: string): string {
  return line.replace(/\t/g, '\\t').replace(/ +$/, (blanks) => '·'.repeat(blanks.length))
}

function compareDisk(name: string, want: DiskObservation, have: DiskObservation, locate: LocateSector): string[] {
  const where = `disk ${name}`
  if ((want.superblock === undefined) !== (have.superblock === undefined)) {
    return [
      `${where}: ${want.superblock === undefined ? 'an MD superblock where none is expected' : 'no MD superblock'}`,
    ]
  }
  const differences: string[] = []
  if (want.superblock !== undefined) {
    differences.push(...compareRecords(`${where}, superblock`, want.superblock, have.superblock!))
    const flat = (disk: DiskObservation): Record<string, string> => ({
      events: disk.events ?? '',
      dev_roles: disk.roles ?? '',
      'bad blocks': (disk.badBlocks ?? []).join(' '),
    })
    differences.push(...compareRecords(`${where}, superblock`, flat(want), flat(have)))
    const [bitmap, other] = [want.bitmap, have.bitmap]
    if (bitmap !== undefined && other !== undefined) {
      differences.push(...compareRecords(`${where}, bitmap`, bitmap.header, other.header))
      differences.push(...compareRecords(`${where}, bitmap`, { bits: bitmap.bits }, { bits: other.bits }))
    } else if (bitmap !== other) {
      differences.push(`${where}: ${bitmap === undefined ? 'a bitmap where none is expected' : 'no bitmap'}`)
    }
  }
  differences.push(...compareRecords(`${where}, log`, logOf(want), logOf(have)))
  const a = want.contents
  const b = have.contents
  if (a.fromSector !== b.fromSector || a.sectors !== b.sectors) {
    differences.push(
      `${where}: contents are ${b.fromSector}+${b.sectors} sectors, expected ${a.fromSector}+${a.sectors}`,
    )
  } else if (a.sha256 !== b.sha256) {
    const sector = locate(name)
    const piece = firstDifference(a.sketch, b.sketch)
    const from = a.fromSector + piece * SKETCH_SECTORS
    const place =
      sector !== null
        ? `first in sector ${sector} (${sector - a.fromSector} of the data)`
        : piece >= 0
          ? `first in sectors ${from} to ${from + SKETCH_SECTORS - 1}`
          : 'nobody can say where'
    differences.push(`${where}: contents differ, ${place}`)
  }
  return differences
}

/** The blocks of a log by their sectors. */
function logOf({ journal = [] }: DiskObservation): Record<string, string> {
  return Object.fromEntries(journal.map((line) => [`block ${line.split(' ')[0]}`, line]))
}

function compareRecords(
  where: string,
  want: Readonly<Record<string, number | string>>,
  have: Readonly<Record<string, number | string>>,
): string[] {
  const differences: string[] = []
  for (const key of new Set([...Object.keys(want), ...Object.keys(have)])) {
    if (want[key] === have[key]) continue
    const say = (value: number | string | undefined): string => (value === undefined ? 'nothing' : `"${value}"`)
    differences.push(`${where}: ${key} is ${say(have[key])}, expected ${say(want[key])}`)
  }
  return differences
}

/** First differing sector of two images, from the given sector on; null if there is none. */
export function firstDifferingSector(one: Uint8Array, other: Uint8Array, fromSector: number): number | null {
  const end = Math.min(one.length, other.length)
  for (let at = fromSector * SECTOR_BYTES; at < end; at += SECTOR_BYTES) {
    const a = one.subarray(at, at + SECTOR_BYTES)
    const b = other.subarray(at, at + SECTOR_BYTES)
    if (Buffer.compare(a, b) !== 0) return at / SECTOR_BYTES
  }
  return one.length === other.length ? null : end / SECTOR_BYTES
}
