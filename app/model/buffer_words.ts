/** What is said of a buffer cache and of its buffers. */
import type { CacheLook, LookedBuffer } from '../../engine/api/cache_look.ts'
import { ago, bytes, plural } from '../draw/format.ts'

/** So long ago, and a buffer looks as old as it gets; in nanoseconds. */
const OLD = 300e9
const FRESH = 1e4

/** How old a buffer looks: 0 for just used, 1 for as old as buffers get. Each step is ten times as long ago. */
export function ageShade(age: number): number {
  return Math.min(1, Math.max(0, Math.log(age / FRESH) / Math.log(OLD / FRESH)))
}

/** Its state, as letters: r is being read, w is being written, d is dirty. */
export function stateLetters({ isReading, isWriting, isDirty }: LookedBuffer): string {
  return `${isReading ? 'r' : ''}${isWriting ? 'w' : ''}${isDirty ? 'd' : ''}`
}

const FATES = {
  lost: 'a power cut now loses what was changed',
  'on its way': 'it is being written: a power cut now may lose it',
  volatile: 'it is in the disk’s cache alone: a power cut now may lose it',
  safe: '',
} as const

/** Everything about a buffer, as one line. */
export function bufferWords(buffer: LookedBuffer, { blockBytes, device }: CacheLook): string {
  const { block, sector, holders, isReading, isDirty, dirtyFrom, dirtyTo, age, fate } = buffer
  const parts = [`block ${block}`, `sectors ${sector} to ${sector + blockBytes / 512 - 1} of ${device}`]
  parts.push(holders === 0 ? 'held by nobody' : `held by ${holders}`)
  if (isReading) parts.push('being read')
  if (isDirty) parts.push(`dirty from byte ${dirtyFrom} to ${dirtyTo}`)
  parts.push(`last used ${ago(age)}`)
  if (fate !== 'safe') parts.push(FATES[fate])
  return parts.join(', ')
}

/** What a power cut now would lose, as a sentence. */
export function lossWords({ lostBytes, volatileBytes, device }: CacheLook): string {
  if (lostBytes === 0 && volatileBytes === 0) return 'A power cut now loses nothing of it.'
  const may = `${bytes(volatileBytes)} that ${device} has not made durable`
  if (lostBytes === 0) return `A power cut now may lose ${may}.`
  const lost = `A power cut now loses ${bytes(lostBytes)} that were changed and not written`
  return volatileBytes === 0 ? `${lost}.` : `${lost}, and may lose ${may}.`
}

export function cacheFacts({ blockBytes, allocatedBytes, limitBytes, waiting, error }: CacheLook): string {
  const parts = [
    `blocks of ${bytes(blockBytes)}`,
    `all caches together ${bytes(allocatedBytes)} of ${limitBytes === 1 ? 'what is reserved' : bytes(limitBytes)}`,
  ]
  if (waiting > 0) parts.push(`${plural(waiting, 'request')} waiting for memory`)
  if (error !== '') parts.push(`a write failed with ${error}, and nobody was told`)
  return parts.join(' · ')
}
