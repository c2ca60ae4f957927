/**
 * Reads a conformance script: its header, which declares the disks, and its commands, one per line, here-documents taken
 * together with the line that opens them. The text below the header is for a root shell as much as for the simulator.
 *
 *     #! disk a 8M zero            a blank disk, seen as /dev/a in both worlds
 *     #! disk src 2M pattern 7     bytes that look random, made from the seed 7
 *     #! disk src 2M stamp 7       every sector says its own number: compresses well, for images that are kept
 *     #! loose bitmap              what the lazy clearing of bits decides is not compared: the script takes long, or a busy host
 *                                  may make it take long (see observation.ts); of dm-raid, event counts are loose then, too
 *     #! loose journal             how a log is cut into blocks is not compared: many stripes were on their way at once
 *     #! cut-in kernel|simulator   (NAME.cut.lab) the world in which the power fails
 *     #! disks-from NAME           (NAME.after.lab) the disks are those that NAME.cut.lab left behind
 *
 * A scenario has no such header for its disks: it makes them by `disk create` lines of its own, and so runs anywhere. In the kernel
 * they are there from the beginning, numbered in the order of their names, so they must be made in that order. A comment
 * `# The kernel is not asked: REASON` keeps a scenario to the simulator.
 */
import { createHash } from 'node:crypto'

export type Fill = 'zero' | 'pattern' | 'stamp'

export interface DiskSpec {
  readonly name: string
  readonly sizeBytes: number
  readonly fill: Fill
  readonly seed: number
}

export type World = 'kernel' | 'simulator'

export interface Command {
  /** The command as written, with the lines of its here-documents. */
  readonly text: string
  /** Line number of its first line, from 1. */
  readonly line: number
}

export interface Script {
  readonly name: string
  readonly text: string
  readonly hash: string
  /** In the order of their names, which is the order in which both worlds number them. */
  readonly disks: readonly DiskSpec[]
  /** It makes its disks by lines of its own. */
  readonly makesDisks: boolean
  readonly commands: readonly Command[]
  /** Why the kernel is not asked about it; null where it is. */
  readonly notAsked: string | null
  readonly cutIn: World | null
  readonly disksFrom: string | null
  /** Whether bits that time clears are left out of the comparison. */
  readonly looseBitmap: boolean
  readonly looseJournal: boolean
}

const SIZE_UNITS: Record<string, number> = { '': 1, K: 1024, M: 1024 * 1024, G: 1024 * 1024 * 1024 }

/**
 * Parses the text of a script.
 * @param name the file's name without `.lab`
 * @errors throws an Error that names the script and the line
 */
export function parseScript(name: string, text: string): Script {
  const lines = text.split('\n')
  const disks: DiskSpec[] = []
  const commands: Command[] = []
  let cutIn: World | null = null
  let disksFrom: string | null = null
  let looseBitmap = false
  let looseJournal = false
  const fail = (line: number, message: string): never => {
    throw new Error(`${name}.lab:${line}: ${message}`)
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const number = i + 1
    if (line.startsWith('#!')) {
      const words = line.slice(2).trim().split(/\s+/)
      if (words[0] === 'disk') disks.push(parseDisk(words) ?? fail(number, `not a disk declaration: ${line}`))
      else if (words[0] === 'cut-in' && (words[1] === 'kernel' || words[1] === 'simulator')) cutIn = words[1]
      else if (words[0] === 'loose' && words[1] === 'bitmap') looseBitmap = true
      else if (words[0] === 'loose' && words[1] === 'journal') looseJournal = true
      else if (words[0] === 'disks-from' && words[1] !== undefined) disksFrom = words[1]
      else fail(number, `unknown header: ${line}`)
      continue
    }
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const from = i
    for (const delimiter of hereDocuments(line)) {
      do i++
      while (i < lines.length && lines[i] !== delimiter)
      if (i === lines.length) fail(number, `the here-document is not closed by ${delimiter}`)
    }
    commands.push({ text: lines.slice(from, i + 1).join('\n'), line: number })
  }
  const made = commands.flatMap(({ text, line }) => {
    if (!text.startsWith('disk create ')) return []
    return [madeDisk(text.split(/\s+/).slice(1)) ?? fail(line, `not a disk that the kernel can have: ${text}`)]
  })
  if (made.length > 0 && disks.length > 0) fail(1, 'disks are both declared and made')
  if (made.some((disk, i) => i > 0 && disk.name < made[i - 1]!.name))
    fail(1, 'disks are not made in order of their names')
  disks.push(...made)
  if (new Set(disks.map((disk) => disk.name)).size !== disks.length) fail(1, 'two disks have the same name')
  if (disks.length === 0 && disksFrom === null) fail(1, 'no disk is declared')
  disks.sort((a, b) => (a.name < b.name ? -1 : 1))
  const notAsked = /^# The kernel is not asked: (.+)$/m.exec(text)?.[1] ?? null
  const hash = createHash('sha256').update(text).digest('hex')
  return {
    name,
    text,
    hash,
    disks,
    makesDisks: made.length > 0,
    notAsked,
    commands,
    cutIn,
    disksFrom,
    looseBitmap,
    looseJournal,
  }
}

/** `create NAME SIZE [--pattern N]`. */
function madeDisk([, name, size, option, seed]: readonly string[]): DiskSpec | null {
  if (option === undefined) return parseDisk(['disk', name!, size!, 'zero'])
  return option === '--pattern' ? parseDisk(['disk', name!, size!, 'pattern', seed!]) : null
}

function parseDisk(words: readonly string[]): DiskSpec | null {
  const [, name, size, fill, seed] = words
  const parts = /^(\d+)([KMG]?)$/.exec(size ?? '')
  if (name === undefined || !/^[a-z][a-z0-9]*$/.test(name) || parts === null) return null
  const sizeBytes = Number(parts[1]) * SIZE_UNITS[parts[2]!]!
  if (sizeBytes % 512 !== 0) return null
  if (fill === 'zero' && seed === undefined) return { name, sizeBytes, fill, seed: 0 }
  if ((fill === 'pattern' || fill === 'stamp') && /^\d+$/.test(seed ?? '')) {
    return { name, sizeBytes, fill, seed: Number(seed) }
  }
  return null
}

/** The delimiters of the here-documents that a line opens. */
function hereDocuments(line: string): string[] {
  return [...line.matchAll(/<<\s*(?:'([^']+)'|"([^"]+)"|([A-Za-z_]+))/g)].map((m) => (m[1] ?? m[2] ?? m[3])!)
}

/** Seconds that the script's own `sleep` lines take, for the patience of whoever runs it in real time. */
export function sleepSeconds(script: Script): number {
  let sum = 0
  for (const command of script.commands) {
    const sleep = /^sleep\s+([\d.]+)(us|ms|s|m)?\s*$/.exec(command.text)
    if (sleep === null) continue
    const unit = sleep[2] ?? 's'
    sum += Number(sleep[1]) * (unit === 'us' ? 1e-6 : unit === 'ms' ? 1e-3 : unit === 'm' ? 60 : 1)
  }
  return sum
}
