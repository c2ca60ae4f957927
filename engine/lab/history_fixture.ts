/** For tests of time travel: everything that a machine is at an instant, as one hash; and lines typed at odd instants. */
import { SHARED } from '../base/copy.ts'
import { Memory } from '../base/memory.ts'
import { Media } from '../block/media.ts'
import { Chance } from '../sim/chance.ts'
import { Trace } from '../sim/trace.ts'
import { testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { splitScript } from './script.ts'
import { Session, type SessionOptions } from './session.ts'

/**
 * The whole state of a machine: every field of every object, the trace ring, which pages are in use, the bytes on the media and
 * in the disks' caches. Two machines with one hash have one future. (What a page holds is undefined until somebody writes it.)
 */
export function stateHash(machine: Machine): string {
  const hash = new QuickHash()
  const seen = new Map<object, number>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return hash.text(`${typeof value} ${String(value)}`)
    const known = seen.get(value)
    if (known !== undefined) return hash.text(`@${known}`)
    seen.set(value, seen.size)
    if (SHARED in value) return
    hash.text(value.constructor.name)
    if (value instanceof Trace) {
      hash.text(`${value.written}`)
      hash.bytes(value.since(0).rows)
    } else if (value instanceof Media) hash.media(value)
    else if (value instanceof Memory) hash.bytes(value.freeze().numbers)
    else if (ArrayBuffer.isView(value)) hash.bytes(value)
    else if (value instanceof Map || value instanceof Set) [...value].forEach((entry) => [entry].flat().forEach(visit))
    else {
      for (const key of Object.keys(value)) {
        hash.text(key)
        visit((value as Record<string, unknown>)[key])
      }
    }
  }
  visit(machine)
  for (const { name } of machine.disks()) {
    for (const { page, mask, address } of machine.disk(name)?.cache.pages.values() ?? []) {
      hash.text(`${page} ${mask}`)
      for (let at = address, bits = mask; bits !== 0; bits >>= 1, at += 512) {
        if ((bits & 1) !== 0) hash.bytes(machine.sim.memory.bytes.subarray(at, at + 512))
      }
    }
  }
  return hash.digest()
}

/** Not for judging whether bytes are the same where somebody might cheat; but quick. */
class QuickHash {
  #a = 7
  #b = 11

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#add(text.charCodeAt(i))
    this.#add(-1)
  }

  bytes(view: ArrayBufferView): void {
    const whole = view.byteLength & ~3
    const isAligned = view.byteOffset % 4 === 0
    if (isAligned) for (const word of new Int32Array(view.buffer, view.byteOffset, whole >> 2)) this.#add(word)
    for (const byte of new Uint8Array(view.buffer, view.byteOffset, view.byteLength).subarray(isAligned ? whole : 0)) {
      this.#add(byte)
    }
    this.#add(view.byteLength)
  }

  media(media: Media): void {
    const piece = new Uint8Array(65_536)
    for (let at = 0; at < media.sizeBytes; at += piece.length) {
      const length = Math.min(piece.length, media.sizeBytes - at)
      media.read(at, piece, 0, length)
      this.bytes(piece.subarray(0, length))
    }
  }

  digest(): string {
    return `${(this.#a >>> 0).toString(16)} ${(this.#b >>> 0).toString(16)}`
  }

  #add(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193) + 1
    this.#b = Math.imul(this.#b + word, 0x5bd1e995) ^ (this.#b >>> 15)
  }
}

export function testSession(options: Partial<SessionOptions> = {}, machine = testMachine()): Session {
  return new Session(machine, { arena: () => testArena(), ...options })
}

/** Runs until the typed lines have returned. */
export function settleDown(session: Session): void {
  while (session.busy) if (session.run({ maxEvents: 1000 }) === 0) return
}

/**
 * Types the lines of a script at odd instants, some before the last has returned.
 * @param watch called with the session at instants between events
 */
export function typeAtOdds(session: Session, script: string, seed: number, watch?: () => void): void {
  const chance = new Chance(seed, 'typing')
  for (const line of splitScript(script)) {
    session.type(line)
    const isPatient = chance.below(3) > 0
    for (let left = isPatient ? Infinity : 1 + chance.below(3); left > 0 && session.busy; left--) {
      if (session.run({ maxEvents: 1 + chance.below(40) }) === 0) break
      watch?.()
    }
    if (chance.below(4) === 0) session.idleUntil(session.sim.now + chance.below(1000))
  }
  while (session.busy && session.run({ maxEvents: 1 + chance.below(40) }) > 0) watch?.()
}
