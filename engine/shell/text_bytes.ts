/**
 * Text as bytes and back, without loss: UTF-8, where a byte that is no part of a character becomes one of the code units
 * U+DC80 to U+DCFF and turns into that byte again. So the output of any command is a string, whatever it printed.
 */

const ESCAPE = 0xdc00

/** @returns the bytes of a text, as a file would hold them. */
export function bytesOfText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else if (unit >= ESCAPE + 0x80 && unit <= ESCAPE + 0xff) bytes[at++] = unit - ESCAPE
    else {
      const code = text.codePointAt(i) as number
      if (code >= 0x10000) {
        i++
        bytes[at++] = 0xf0 | (code >> 18)
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f)
      } else bytes[at++] = 0xe0 | (code >> 12)
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
      bytes[at++] = 0x80 | (code & 0x3f)
    }
  }
  return bytes.slice(0, at)
}

/** @returns the text of `bytes` from index `from` up to `to`. */
export function textOfBytes(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const units: number[] = []
  let text = ''
  for (let i = from; i < to;) {
    const length = characterLength(bytes, i, to)
    if (length === 0) units.push(bytes[i] < 0x80 ? bytes[i] : ESCAPE + bytes[i])
    else pushCharacter(units, bytes, i, length)
    i += Math.max(1, length)
    if (units.length > 8000) {
      text += String.fromCharCode(...units)
      units.length = 0
    }
  }
  return text + String.fromCharCode(...units)
}

/** How many bytes the character at `at` has; 0 where there is none, or one that needs no decoding. */
function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > end) return 0
  for (let i = 1; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second >= 0xa0) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  if (lead === 0xf4 && second >= 0x90) return 0
  return length
}

function pushCharacter(units: number[], bytes: Uint8Array, at: number, length: number): void {
  let code = bytes[at] & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i] & 0x3f)
  if (code < 0x10000) units.push(code)
  else units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff))
}
