/** Files that somebody drops on the page. They are untrusted: bounded, told apart by what is in them, and never more than bytes or lines. */

export interface ImportedImage {
  readonly kind: 'image'
  readonly name: string
  readonly bytes: Uint8Array
}

export interface ImportedScript {
  readonly kind: 'script'
  readonly name: string
  /** What is typed at one go: a line, or a command with its here-document. */
  readonly units: readonly string[]
  /** What it wants to begin with; undefined where it does not say. */
  readonly seed: number | undefined
  /** Written by the page's export: every line had its instant, and a line may have failed. */
  readonly isRecording: boolean
  /** Disks that were there when the recording began; their bytes are not in it. */
  readonly disks: readonly string[]
}

export type Imported = ImportedImage | ImportedScript | { readonly kind: 'refused'; readonly reason: string }

export const IMAGE_BYTES_MAX = 1 << 30
export const SCRIPT_BYTES_MAX = 256 << 10
const UNITS_MAX = 5000
const SEED_MAX = 0xffffffff

const SCRIPT_NAME = /\.(lab|txt|sh|md)$/i
const IMAGE_NAME = /\.(img|bin|raw|iso|dd)$/i

const refused = (reason: string): Imported => ({ kind: 'refused', reason })

/** Whether it may be read at all, by its size alone; why not, or undefined. */
export function sizeTrouble(size: number): string | undefined {
  if (size === 0) return 'The file is empty.'
  if (size > IMAGE_BYTES_MAX) return 'The file is larger than 1 GiB: more than a tab can hold.'
  return undefined
}

export function readImported(name: string, bytes: Uint8Array): Imported {
  const trouble = sizeTrouble(bytes.length)
  if (trouble !== undefined) return refused(trouble)
  if (IMAGE_NAME.test(name)) return readImage(name, bytes)
  const text = bytes.length <= SCRIPT_BYTES_MAX ? textOf(bytes) : undefined
  if (text !== undefined) return readScript(name, text)
  if (SCRIPT_NAME.test(name)) {
    return refused(
      bytes.length > SCRIPT_BYTES_MAX
        ? 'A script has at most 256 KiB.'
        : 'This is no text: there are bytes in it that no script has.',
    )
  }
  return readImage(name, bytes)
}

function readImage(name: string, bytes: Uint8Array): Imported {
  if (bytes.length % 512 !== 0) {
    return refused(
      `A disk image is a whole number of sectors of 512 bytes. This file has ${bytes.length} bytes: it is cut short, or no image.`,
    )
  }
  return { kind: 'image', name, bytes }
}

/** @returns undefined where it is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return [...text].some((letter) => letter < ' ' && !'\n\r\t'.includes(letter)) ? undefined : text
  } catch {
    return undefined
  }
}

function readScript(name: string, text: string): Imported {
  const units = scriptUnits(text)
  const first = /^seed\s+(\d{1,10})\s*$/.exec(units[0] ?? '')
  const seed = first && Number(first[1]) <= SEED_MAX ? Number(first[1]) : undefined
  const typed = seed === undefined ? units : units.slice(1)
  if (typed.length === 0) return refused('There is no command in it.')
  if (typed.length > UNITS_MAX) return refused(`It has more than ${UNITS_MAX} commands.`)
  const isRecording = /^# epoch \d+$/m.test(text) && /^#@ \d+ \d+ \d+$/m.test(text)
  const disks = isRecording ? [...text.matchAll(/^# disk (\S+) \d+ \w+$/gm)].map((match) => match[1]) : []
  return { kind: 'script', name, units: typed, seed, isRecording, disks }
}

/** Commands without comments and empty lines, each with its here-document, and with what its quotes reach over. */
export function scriptUnits(text: string): readonly string[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const units: string[] = []
  for (let at = 0; at < lines.length; at++) {
    let unit = lines[at]
    if (/^\s*(#|$)/.test(unit)) continue
    while (isOpen(unit) && at + 1 < lines.length) unit += `\n${lines[++at]}`
    const here = /<<-?\s*(['"]?)([\w-]+)\1/.exec(unit)
    if (here) {
      do {
        if (++at >= lines.length) break
        unit += `\n${lines[at]}`
      } while (lines[at].trim() !== here[2])
    }
    units.push(unit)
  }
  return units
}

/** Whether a quote is still open at the end. */
function isOpen(text: string): boolean {
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]
    if (letter === '\\' && quote !== "'") i++
    else if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === '#' && (i === 0 || /\s/.test(text[i - 1]))) return false
    else if (letter === "'" || letter === '"') quote = letter
  }
  return quote !== ''
}

/** Names that a disk of the machine may have. */
export function diskNameTrouble(name: string): string | undefined {
  return /^[a-z][a-z0-9_]{0,30}$/.test(name) ? undefined : 'A disk’s name is small letters and digits, such as sde.'
}

/** `sde`, where there are sda to sdd. */
export function freeDiskName(taken: readonly string[]): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const letter = [...letters].find((candidate) => !taken.includes(`sd${candidate}`))
  return letter === undefined ? `disk${taken.length}` : `sd${letter}`
}
