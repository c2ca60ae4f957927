/** Shorter forms of single lines: a table with a parameter or a leg less, a --create with a word less, a dd with fewer blocks. */
import { RAID_PARAMETERS } from '../../engine/raid/parameter.ts'
import { raidTypeNamed } from '../../engine/raid/raid_type.ts'

/** A change that is made to every line of a script alike. */
export type LineChange = (line: string) => string

/** The changes worth a trial for these lines. */
export function shorterLines(lines: readonly string[]): LineChange[] {
  const changes: LineChange[] = []
  const parameters = new Set(lines.flatMap((line) => readTable(line)?.parameters.map(([name]) => name!) ?? []))
  for (const name of parameters) changes.push((line) => withoutParameter(line, name))
  const members = Math.max(0, ...lines.map((line) => readTable(line)?.places.length ?? 0))
  if (members > 1) changes.push((line) => withoutLastLeg(line, members))
  const words = new Set(lines.flatMap((line) => (line.startsWith('mdadm --create') ? optionalWords(line) : [])))
  for (const word of words) changes.push((line) => withoutWord(line, word))
  for (const line of lines.filter((each) => /^dd .* count=([2-9]|\d\d)/.test(each))) {
    changes.push((each) => (each === line ? each.replace(/ count=\d+/, ' count=1') : each))
  }
  return changes
}

interface Table {
  readonly before: string
  readonly after: string
  readonly start: string
  readonly lengthSectors: number
  readonly type: string
  readonly chunk: string
  readonly parameters: readonly (readonly string[])[]
  readonly places: readonly (readonly string[])[]
}

/** Reads a well-formed raid table out of a line; null if there is none. */
export function readTable(line: string): Table | null {
  const parts = /^(.*--table ')(\d+) (\d+) raid (\S+) (\d+) (.*)('.*)$/.exec(line)
  if (parts === null) return null
  const [, before, start, length, type, count, rest, after] = parts
  const words = rest!.split(' ')
  const [chunk, ...optional] = words.slice(0, Number(count))
  const legs = Number(words[Number(count)])
  const devices = words.slice(Number(count) + 1)
  if (chunk === undefined || !(legs > 0) || devices.length !== 2 * legs) return null
  const parameters: string[][] = []
  for (let at = 0; at < optional.length;) {
    const takes = RAID_PARAMETERS.find(({ name }) => name === optional[at])?.takes ?? 'nothing'
    const take = takes === 'nothing' ? 1 : 2
    parameters.push(optional.slice(at, at + take))
    at += take
  }
  const places = Array.from({ length: legs }, (_, i) => devices.slice(2 * i, 2 * i + 2))
  return {
    before: before!,
    after: after!,
    start: start!,
    lengthSectors: Number(length),
    type: type!,
    chunk,
    parameters,
    places,
  }
}

function writeTable({ before, after, start, lengthSectors, type, chunk, parameters, places }: Table): string {
  const words = [chunk, ...parameters.flat()]
  const body = [start, lengthSectors, 'raid', type, words.length, ...words, places.length, ...places.flat()].join(' ')
  return `${before}${body}${after}`
}

function withoutParameter(line: string, name: string): string {
  const table = readTable(line)
  if (table === null) return line
  return writeTable({ ...table, parameters: table.parameters.filter(([word]) => word !== name) })
}

/** One leg less, and as much less of length as it held, where that comes out even. */
function withoutLastLeg(line: string, members: number): string {
  const table = readTable(line)
  const type = table === null ? undefined : raidTypeNamed(table.type)
  if (table === null || type === undefined || table.places.length !== members) return line
  const holders = members - type.parityLegs
  const lengthSectors = type.level === 1 ? table.lengthSectors : (table.lengthSectors / holders) * (holders - 1)
  if (lengthSectors < 1 || !Number.isInteger(lengthSectors)) return line
  const parameters = table.parameters.filter(([, value]) => value !== String(members - 1))
  return writeTable({ ...table, lengthSectors, parameters, places: table.places.slice(0, -1) })
}

/** Options that a --create can do without. */
function optionalWords(line: string): string[] {
  return line
    .split(' ')
    .filter((word) => /^--(layout|bitmap-chunk|assume-clean|force|spare-devices|size|chunk)/.test(word))
}

function withoutWord(line: string, word: string): string {
  return line.startsWith('mdadm --create')
    ? line
        .split(' ')
        .filter((each) => each !== word)
        .join(' ')
    : line
}
