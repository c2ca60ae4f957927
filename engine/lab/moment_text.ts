/**
 * The text of a moment, for the fragment of an address: `m1.` and, in letters that an address takes as they are, a check and
 * the deflated JSON of {@link Written}. Such a text comes from anywhere: it is bounded, checked field by field, and what is
 * wrong with it is said in a sentence.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { deflateSync, inflateSync } from 'fflate'
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { bytesOfText, textOfBytes } from '../shell/text_bytes.ts'
import type { Moment } from './moment.ts'
import { readWritten, writtenOf } from './moment_fields.ts'

/** Goes up when a text of the version before would be read wrongly. */
export const MOMENT_VERSION = 1

/** The longest text, in characters: more than that is no address any more. */
export const MOMENT_TEXT_MAX = 65_536
/** The longest JSON, in bytes. */
const JSON_BYTES_MAX = 1 << 20

/** Length of the JSON and the beginning of its hash, both four bytes. */
const HEAD_BYTES = 8

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** @errors EFBIG where it is too long for an address: the recording can be exported as a file. */
export function writeMoment(moment: Moment): Result<string> {
  const json = bytesOfText(JSON.stringify(writtenOf(moment)))
  const tooLong = fail('EFBIG', 'too much was typed for an address to hold: export the recording as a file instead')
  if (json.length > JSON_BYTES_MAX) return tooLong
  const packed = deflateSync(json, { level: 9 })
  const bytes = new Uint8Array(HEAD_BYTES + packed.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(sha256(json).subarray(0, 4), 4)
  bytes.set(packed, HEAD_BYTES)
  const text = `m${MOMENT_VERSION}.${lettersOf(bytes)}`
  return text.length > MOMENT_TEXT_MAX ? tooLong : ok(text)
}

/** @errors EINVAL where the text is none, was cut or changed on its way, or is of a newer version. */
export function readMoment(text: string): Result<Moment> {
  const match = /^m(\d{1,9})\./.exec(text)
  if (match === null) return fail('EINVAL', 'this is no moment of a machine')
  const version = Number(match[1])
  if (version > MOMENT_VERSION) {
    return fail(
      'EINVAL',
      `this moment is of version ${version}, and only ${MOMENT_VERSION} is known: reload for a newer page`,
    )
  }
  if (version < 1) return fail('EINVAL', 'this is no moment of a machine')
  if (text.length > MOMENT_TEXT_MAX) return fail('EFBIG', `a moment has at most ${MOMENT_TEXT_MAX} characters`)
  const bytes = bytesOfLetters(text.slice(match[0].length))
  if (bytes === null || bytes.length <= HEAD_BYTES) return DAMAGED
  const json = unpack(bytes)
  if (json === null) return DAMAGED
  return readWritten(parseJson(json))
}

const DAMAGED: Failure = fail('EINVAL', 'this moment is damaged: a part of it is missing, or was changed on its way')

/** The JSON, or null where it is not what was written. */
function unpack(bytes: Uint8Array): string | null {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (length > JSON_BYTES_MAX) return null
  let json: Uint8Array
  try {
    // What is more than the buffer holds is left out, and the check finds it.
    json = inflateSync(bytes.subarray(HEAD_BYTES), { out: new Uint8Array(length) })
  } catch {
    return null
  }
  const check = sha256(json).subarray(0, 4)
  if (json.length !== length || check.some((byte, i) => byte !== bytes[4 + i])) return null
  return textOfBytes(json)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function lettersOf(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const letters = Math.min(4, bytes.length - i + 1)
    for (let letter = 0; letter < letters; letter++) text += LETTERS[(word >> (18 - 6 * letter)) & 63]
  }
  return text
}

/** @returns null where the text is none that {@link lettersOf} makes */
function bytesOfLetters(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let word = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = LETTERS.indexOf(text[i])
    if (value < 0) return null
    word = ((word << 6) | value) & 0xffffff
    if (i % 4 > 0) bytes[at++] = word >> (6 - 2 * (i % 4))
  }
  // The last letter has bits to spare.
  const lastBytes = bytes.subarray(bytes.length - (bytes.length % 3 || 3))
  return lettersOf(lastBytes).at(-1) === text.at(-1) ? bytes : null
}
