/** Quotes of the shell: what `$'…'` means, and how any word is written so that it is read back as it was. */
import { textOfBytes } from './text_bytes.ts'

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  E: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
}

/** The characters that mean only themselves, wherever they stand in a word. */
const PLAIN_WORD = /^[A-Za-z0-9_%+,./:@^-][A-Za-z0-9_%+,./:@^=-]*$/

/** @returns a text that the parser reads as this one word. */
export function quoteWord(word: string): string {
  if (PLAIN_WORD.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

/** The value of one backslash escape, and where the text goes on after it. */
export interface Escape {
  readonly text: string
  readonly end: number
  /** The escape was `\c` of echo: nothing more is printed. */
  readonly stop: boolean
}

/**
 * Reads one escape of `$'…'`; `at` is the index after the backslash. Bytes named by number that make no character by
 * themselves stay bytes (see text_bytes).
 * @param style how octal is written: `\nnn` in `$'…'`, `\0nnn` in echo.
 */
export function readEscape(text: string, at: number, style: 'quote' | 'echo'): Escape {
  const char = text[at]
  if (style === 'echo' && char === 'c') return { text: '', end: at + 1, stop: true }
  const plain = style === 'echo' && (char === "'" || char === '"' || char === '?') ? undefined : SIMPLE[char]
  if (plain !== undefined) return { text: String.fromCharCode(plain), end: at + 1, stop: false }
  const rest = text.slice(at, at + 9)
  const octal = (style === 'echo' ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest)
  if (octal !== null) return byteEscape(Number.parseInt(octal[1] || '0', 8) & 255, at + octal[0].length)
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest)
  if (hex !== null) return byteEscape(Number.parseInt(hex[1], 16), at + hex[0].length)
  const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
  if (unicode !== null) {
    const code = Number.parseInt(unicode[1] ?? unicode[2], 16)
    const known = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    return { text: known ? String.fromCodePoint(code) : '\ufffd', end: at + unicode[0].length, stop: false }
  }
  return { text: '\\' + (char ?? ''), end: Math.min(text.length, at + 1), stop: false }
}

function byteEscape(byte: number, end: number): Escape {
  return { text: textOfBytes(Uint8Array.of(byte)), end, stop: false }
}
