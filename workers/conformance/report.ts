/**
 * Reads the three reports of mdadm whose fields are compared and whose wording is free: --detail, --examine, --examine-bitmap.
 * A field's value is reduced to what it says: a number with its unit, a word, a list. Left out: uuids, names, times, counters,
 * the file's name, and the readable form of sizes.
 */

export type ReportKind = 'detail' | 'examine' | 'examine-bitmap'

/** Fields in the order of the report; a list is a value with several lines. */
export type Fields = Record<string, string>

/** Which of the three reports a command asks for, if any. */
export function reportKind(command: string): ReportKind | null {
  const words = command.trim().split(/\s+/)
  if (words[0] !== 'mdadm') return null
  if (words.includes('--detail') || words.includes('-D')) return 'detail'
  if (words.includes('--examine-bitmap') || words.includes('-X')) return 'examine-bitmap'
  if (words.includes('--examine') || words.includes('-E')) return 'examine'
  return null
}

type Reduce = (value: string) => string

const asIs: Reduce = (value) => value.toLowerCase()
const number: Reduce = (value) => /-?\d+/.exec(value)?.[0] ?? value
const firstWord: Reduce = (value) => value.split(/[\s(]/)[0]!.toLowerCase()
const lastWord: Reduce = (value) => /(\w+)\W*$/.exec(value)?.[1]?.toLowerCase() ?? value
const numbers: Reduce = (value) => (value.match(/\d+/g) ?? []).join(' ')
const words: Reduce = (value) =>
  value
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .sort()
    .join(' ')

const FIELDS: Record<ReportKind, Record<string, Reduce>> = {
  detail: {
    Version: asIs,
    'Raid Level': asIs,
    'Array Size': number,
    'Used Dev Size': number,
    'Raid Devices': number,
    'Total Devices': number,
    Persistence: asIs,
    'Intent Bitmap': asIs,
    State: words,
    'Active Devices': number,
    'Working Devices': number,
    'Failed Devices': number,
    'Spare Devices': number,
    Layout: asIs,
    'Chunk Size': asIs,
    'Consistency Policy': asIs,
  },
  examine: {
    Magic: asIs,
    Version: asIs,
    'Feature Map': asIs,
    'Raid Level': asIs,
    'Raid Devices': number,
    'Avail Dev Size': number,
    'Array Size': number,
    'Used Dev Size': number,
    'Data Offset': number,
    'Super Offset': number,
    'Recovery Offset': number,
    'Unused Space': numbers,
    State: asIs,
    'Internal Bitmap': number,
    'Bad Block Log': numbers,
    Checksum: lastWord,
    Layout: asIs,
    'Chunk Size': asIs,
    'Device Role': asIs,
    'Array State': firstWord,
  },
  'examine-bitmap': {
    Magic: asIs,
    Version: number,
    State: asIs,
    Chunksize: asIs,
    Daemon: number,
    'Write Mode': asIs,
    'Sync Size': number,
    Bitmap: (value) => (value.match(/^\d+|\d+ dirty/g) ?? []).join(', '),
  },
}

/**
 * Parses a report.
 * @param nameOf maps the numbers of a block device to its name
 */
export function parseReport(kind: ReportKind, text: string, nameOf: (major: string, minor: string) => string): Fields {
  const fields: Fields = {}
  const reduce = FIELDS[kind]
  const devices: string[] = []
  for (const line of text.split('\n')) {
    const pair = /^\s*([A-Z][A-Za-z -]*?)\s* : (.*)$/.exec(line)
    if (pair !== null) {
      const key = pair[1]!
      if (reduce[key] !== undefined) fields[key] = reduce[key](pair[2]!.trim())
      continue
    }
    const device = /^\s+(\d+|-)\s+(\d+)\s+(\d+)\s+(\d+|-)\s+([a-z].*?)\s*(\/dev\/\S+)?$/.exec(line)
    if (kind === 'detail' && device !== null) {
      const [, index, major, minor, slot, state] = device
      const name = major === '0' && minor === '0' ? '' : ` ${nameOf(major!, minor!)}`
      devices.push(`${index} ${slot} ${state!.replace(/\s+/g, ' ')}${name}`)
    }
  }
  if (devices.length > 0) fields['Devices'] = devices.join('; ')
  return fields
}
