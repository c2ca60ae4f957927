import { describe, expect, test } from 'vitest'
import { PlainArena } from '../base/arena.ts'
import { Chance } from '../sim/chance.ts'
import { locateCorruption } from './raid6_check.ts'
import { addToPAndQ, EXPONENT_P, EXPONENT_Q, makePAndQ, recoverLost, wrongPAndQ, type Raid6Row } from './raid6_math.ts'
import { WRONG_P, WRONG_Q } from './parity.ts'

const SEED = 20260606
const BYTES = 256
const P = EXPONENT_P
const Q = EXPONENT_Q

/** A row whose slots have these exponents, with a block of its own at each. */
function rowOf(exponents: readonly number[], bytes = BYTES): [PlainArena, Raid6Row] {
  const arena = new PlainArena((exponents.length + 1) * bytes)
  return [arena, { addresses: exponents.map((_, slot) => (slot + 1) * bytes), exponents }]
}

function randomRow(exponents: readonly number[], name: string, bytes = BYTES): [PlainArena, Raid6Row, Chance] {
  const [arena, row] = rowOf(exponents, bytes)
  const chance = new Chance(SEED, name)
  chance.fill(arena.bytes)
  makePAndQ(arena, row, bytes)
  return [arena, row, chance]
}

/** Q = n-1 and P where it turns: exponents in the order of the slots. */
function inOrder(slots: number, p: number, q: number): number[] {
  let next = 0
  return Array.from({ length: slots }, (_, slot) => (slot === p ? P : slot === q ? Q : next++))
}

/** zero-restart, N-restart, N-continue: the slot itself is the exponent. */
function bySlot(slots: number, p: number, q: number): number[] {
  return Array.from({ length: slots }, (_, slot) => (slot === p ? P : slot === q ? Q : slot))
}

/** Of the native layouts 0 to 5: counted from the slot behind Q. */
function behindQ(slots: number, p: number, q: number): number[] {
  const exponents = new Array<number>(slots)
  exponents[p] = P
  exponents[q] = Q
  let next = 0
  for (let step = 1; step < slots; step++) {
    const slot = (q + step) % slots
    if (slot !== p) exponents[slot] = next++
  }
  return exponents
}

test('the check values of the kernel', () => {
  const data = [0x01, 0x80, 0xa5, 0xff]
  const fill = (exponents: number[], slots: number[]): number[] => {
    const [arena, row] = rowOf(exponents)
    slots.forEach((slot, i) => arena.bytes.fill(data[i], row.addresses[slot], row.addresses[slot] + BYTES))
    makePAndQ(arena, row, BYTES)
    return [P, Q].map((what) => arena.bytes[row.addresses[exponents.indexOf(what)] + BYTES - 1])
  }
  expect(fill([0, 1, 2, 3, P, Q], [0, 1, 2, 3])).toEqual([0xdb, 0x19])
  // raid6_nr, the second row of six devices
  expect(fill(bySlot(6, 3, 4), [0, 1, 2, 5])).toEqual([0xdb, 0x24])
})

describe(`any two lost blocks come back (seed ${SEED})`, () => {
  const walks = { inOrder, bySlot, behindQ }
  test.each([4, 5, 6, 7, 8, 9, 10])('of %i slots, every place of P and Q, every walk of the exponents', (slots) => {
    for (const [name, walk] of Object.entries(walks)) {
      for (let p = 0; p < slots; p++) {
        for (const q of [(p + 1) % slots, (p + slots - 1) % slots, slots - 1]) {
          if (q === p) continue
          const [arena, row, chance] = randomRow(walk(slots, p, q), `${name} ${slots} ${p} ${q}`)
          const right = arena.bytes.slice()
          for (let first = 0; first < slots; first++) {
            for (let second = first; second < slots; second++) {
              const lost = first === second ? [first] : chance.below(2) === 0 ? [first, second] : [second, first]
              for (const slot of lost) chance.fill(arena.bytes, row.addresses[slot], row.addresses[slot] + BYTES)
              recoverLost(arena, row, lost, BYTES)
              expect(Buffer.compare(arena.bytes, right), `${name}, P ${p}, Q ${q}, lost ${lost.join(' and ')}`).toBe(0)
            }
          }
        }
      }
    }
  })
})

test('nothing lost is nothing done, three are too many', () => {
  const [arena, row] = randomRow(inOrder(6, 4, 5), 'none')
  const right = arena.bytes.slice()
  recoverLost(arena, row, [], BYTES)
  expect(arena.bytes).toEqual(right)
  expect(() => recoverLost(arena, row, [0, 1, 2], BYTES)).toThrow('cannot make 3')
})

test.each([[[2]], [[0]], [[0, 3]], [[1, 2, 3]]])('read-modify-write of slots %j keeps P and Q right', (slots) => {
  for (const exponents of [inOrder(6, 4, 5), bySlot(6, 4, 5), behindQ(6, 4, 5)]) {
    const [arena, row, chance] = randomRow(exponents, 'rmw')
    addToPAndQ(arena, row, slots, BYTES)
    for (const slot of slots) chance.fill(arena.bytes, row.addresses[slot], row.addresses[slot] + BYTES)
    expect(wrongPAndQ(arena, row, BYTES)).toBe(WRONG_P | WRONG_Q)
    addToPAndQ(arena, row, slots, BYTES)
    expect(wrongPAndQ(arena, row, BYTES)).toBe(0)
  }
})

test('a row says which of its parities is wrong', () => {
  const [arena, row] = randomRow(inOrder(6, 1, 5), 'wrong')
  const spoil = (slot: number): number => {
    arena.bytes[row.addresses[slot] + 77] ^= 1
    const wrong = wrongPAndQ(arena, row, BYTES)
    arena.bytes[row.addresses[slot] + 77] ^= 1
    return wrong
  }
  expect([0, 1, 5].map(spoil)).toEqual([WRONG_P | WRONG_Q, WRONG_P, WRONG_Q])
  expect(wrongPAndQ(arena, row, BYTES)).toBe(0)
})

describe('one corrupt block', () => {
  test.each([0, 1, 2, 3, 4, 5])('is found at slot %i, and put right', (slot) => {
    for (const exponents of [inOrder(6, 2, 5), bySlot(6, 2, 3), behindQ(6, 1, 2)]) {
      const [arena, row, chance] = randomRow(exponents, `corrupt ${slot}`)
      const right = arena.bytes.slice()
      expect(locateCorruption(arena, row, BYTES).verdict).toBe('clean')
      chance.fill(arena.bytes, row.addresses[slot], row.addresses[slot] + BYTES)
      const wrongBytes = arena.bytes.filter((byte, i) => byte !== right[i]).length
      const corruption = locateCorruption(arena, row, BYTES)
      expect(corruption.verdict).toBe(slot)
      expect(corruption.accusing[slot]).toBe(wrongBytes)
      recoverLost(arena, row, [slot], BYTES)
      expect(Buffer.compare(arena.bytes, right)).toBe(0)
    }
  })

  test('of one bit is enough', () => {
    const [arena, row] = randomRow(inOrder(6, 4, 5), 'bit')
    arena.bytes[row.addresses[3] + BYTES - 1] ^= 0x80
    expect(locateCorruption(arena, row, BYTES)).toEqual({ verdict: 3, accusing: [0, 0, 0, 1, 0, 0], accusingNobody: 0 })
  })

  test('is another one on each page: every page has its own, the chunk has none', () => {
    const [arena, row] = randomRow(inOrder(6, 4, 5), 'pages')
    arena.bytes[row.addresses[3] + 1] ^= 5
    arena.bytes[row.addresses[0] + 129] ^= 5
    const half = { ...row, addresses: row.addresses.map((address) => address + 128) }
    expect(locateCorruption(arena, row, 128).verdict).toBe(3)
    expect(locateCorruption(arena, half, 128).verdict).toBe(0)
    expect(locateCorruption(arena, row, BYTES).verdict).toBe('cannot locate')
  })
})

test('an exponent that no slot has accuses nobody', () => {
  const [arena, row] = randomRow([0, P, Q, 3], 'gap')
  const [, p, q] = row.addresses
  arena.bytes[p] ^= 1
  arena.bytes[q] ^= 4
  const nobody = { verdict: 'cannot locate', accusing: [0, 0, 0, 0], accusingNobody: 1 }
  expect(locateCorruption(arena, row, BYTES)).toEqual(nobody)
  arena.bytes[q] ^= 4 ^ 8
  expect(locateCorruption(arena, row, BYTES).verdict).toBe(3)
})

test('two corrupt blocks of 4+2 cannot be located; of all pairs of errors 1.56 % accuse an innocent, 0.78 % one of the two', () => {
  const bytes = 65536
  for (const [first, second] of [
    [0, 1],
    [1, 3],
    [2, 3],
  ]) {
    const [arena, row] = randomRow(inOrder(6, 4, 5), 'two', bytes)
    // Every pair of errors once.
    for (let i = 0; i < bytes; i++) {
      arena.bytes[row.addresses[first] + i] ^= i & 255
      arena.bytes[row.addresses[second] + i] ^= i >> 8
    }
    const { verdict, accusing, accusingNobody } = locateCorruption(arena, row, bytes)
    expect(verdict).toBe('cannot locate')
    expect(accusing).toEqual([255, 255, 255, 255, 255, 255])
    expect(accusingNobody).toBe(bytes - 1 - 6 * 255)
  }
})
