/** For tests of time travel: everything that a machine is at an instant, as one hash; and lines typed at odd instants. */
import { sha256 } from '@noble/hashes/sha2.js'
import { SHARED } from '../base/copy.ts'
import { Memory } from '../base/memory.ts'
import { Media } from '../block/media.ts'
import { bytesOfText } from '../shell/text_bytes.ts'
import { Chance } from '../sim/chance.ts'
import { Trace } from '../sim/trace.ts'
import { testArena, testMachine } from './fixture.ts'
import { hashMedia, toHex } from './hash.ts'
import type { Machine } from './machine.ts'
import { splitScript } from './script.ts'
import { Session, type SessionOptions } from './session.ts'

/**
 * The whole state of a machine: every field of every object, the trace ring, the pages in use, the bytes on the media. Two
 * machines with one hash have one future.
 */
export function stateHash(machine: Machine): string {
  const hash = sha256.create()
  const seen = new Map<object, number>()
  const text: string[] = []
  const note = (piece: string): void => {
    text.push(piece)
    if (text.length > 1000) hash.update(bytesOfText(text.splice(0).join(' ')))
  }
  const bytes = (view: ArrayBufferView): void => {
    hash.update(bytesOfText(text.splice(0).join(' ')))
    hash.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  }
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return note(`${typeof value} ${String(value)}`)
    const known = seen.get(value)
    if (known !== undefined) return note(`@${known}`)
    seen.set(value, seen.size)
    if (SHARED in value) return
    note(value.constructor.name)
    if (value instanceof Trace) {
      note(`${value.written}`)
      bytes(value.since(0).rows)
    } else if (value instanceof Media) note(hashMedia(value))
    else if (value instanceof Memory) {
      const { numbers, pages } = value.freeze()
      bytes(numbers)
      pages.forEach(bytes)
    } else if (ArrayBuffer.isView(value)) bytes(value)
    else if (value instanceof Map || value instanceof Set) [...value].forEach((entry) => [entry].flat().forEach(visit))
    else {
      for (const key of Object.keys(value)) {
        note(key)
        visit((value as Record<string, unknown>)[key])
      }
    }
  }
  visit(machine)
  hash.update(bytesOfText(text.join(' ')))
  return toHex(hash.digest())
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
