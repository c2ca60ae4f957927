/**
 * Data and checksums on two devices, cut off at every write: which sectors match no sum afterwards, by mode and by order, against the numbers
 * that were counted by hand; and what each mode keeps of what it promises.
 */
import { describe, expect, test } from 'vitest'
import { CHECKSUM_ORDERS } from '../checksum/checksum_modes.ts'
import './whole_language.ts'
import { sameBytes } from '../base/bytes.ts'
import { contents, create, cutAfter, prepared, readSector, SECTORS, WAYS, type Way } from './crash_checksum_fixture.ts'
import { say, setUp } from './fixture.ts'
import type { Machine } from './machine.ts'

const SECTOR = 5
const WRITE_ONE = `dd if=/dev/src of=/dev/mapper/c bs=512 count=1 seek=${SECTOR} oflag=direct`

/** The crash states of one write in mode dual: how many writes were acknowledged, and what of those not flushed stays. */
const STATES = {
  checksum_first: [
    [1, 'none'],
    [1, 'all'],
    [2, 'none'],
    [2, 'all'],
  ],
  data_first: [
    [1, 'none'],
    [1, 'all'],
    [2, 'none'],
    [2, 'all'],
  ],
  no_barrier: [
    [2, 'none'],
    [2, 'm:8+8'],
    [2, `d:${SECTOR}+1`],
    [2, 'all'],
  ],
} as const

describe('one sector with two sums: of four crash states', () => {
  test.each([
    ['checksum_first', 0],
    ['data_first', 2],
    ['no_barrier', 1],
  ] as const)('order %s leaves %i with data that match neither', (order, count) => {
    const way = { name: order, words: `dual order ${order}` }
    const seen = new Set<string>()
    let unverifiable = 0
    for (const [writes, keep] of STATES[order]) {
      const machine = prepared(way)
      expect(cutAfter(machine, writes, keep, [WRITE_ONE, 'settle'])).toBe(true)
      const hasData = sameBytes(contents(machine, 'd', SECTOR), contents(machine, 'src', 0))
      setUp(machine, `power on\n${create(way)}`)
      const [, sums] = say(machine, `dmsetup message c 0 sums ${SECTOR}`).stdout.split(' ')
      seen.add(`${writes} ${hasData} ${sums}`)
      const read = readSector(machine, SECTOR)
      if (!read.ok) {
        expect(read.errno).toBe('EILSEQ')
        unverifiable++
      } else expect(sameBytes(read.value, contents(machine, hasData ? 'src' : 'd', hasData ? 0 : SECTOR))).toBe(true)
    }
    expect(unverifiable).toBe(count)
    expect(seen.size).toBeGreaterThan(2)
  })

  test.each([
    ['none', 2],
    ['rebuild', 0],
    ['journal', 0],
  ] as const)('mode %s, with one sum: %i', (name, count) => {
    const way = WAYS.find((each) => each.name === name) as Way
    // Data and sum are written without an order; the journal has both before.
    const states = name === 'journal' ? STATES.checksum_first : STATES.no_barrier
    let failing = 0
    let rebuilt = 0
    for (const [writes, keep] of states) {
      const machine = prepared(way)
      expect(cutAfter(machine, writes, keep, [`${WRITE_ONE} conv=fsync`])).toBe(true)
      setUp(machine, `power on\n${create(way)}`)
      if (!readSector(machine, SECTOR).ok) failing++
      if (say(machine, 'dmsetup status c').stdout.includes('rebuilt:1')) rebuilt++
    }
    // What is rebuilt would have failed: it is hidden.
    expect([failing, rebuilt]).toEqual([count, name === 'rebuild' ? 2 : 0])
  })

  test('all orders are counted', () => {
    expect(Object.keys(STATES)).toEqual([...CHECKSUM_ORDERS])
  })
})

/** Writes that overlap, that go together, and a flush in between; the numbers are places in the source. */
const WRITES: readonly {
  readonly at: number
  readonly sectors: number
  readonly from: number
  readonly flush?: true
}[] = [
  { at: 0, sectors: 8, from: 0 },
  { at: 20, sectors: 1, from: 100 },
  { at: 4, sectors: 8, from: 200, flush: true },
  { at: 8, sectors: 16, from: 300 },
  { at: 8, sectors: 4, from: 400 },
  { at: 40, sectors: 24, from: 500 },
]

const LINES = WRITES.map(
  ({ at, sectors, from, flush }) =>
    `dd if=/dev/src of=/dev/mapper/c bs=${sectors * 512} count=1 seek=${at * 512} skip=${from * 512} ` +
    `iflag=skip_bytes oflag=direct,seek_bytes${flush === true ? ' conv=fsync' : ''}`,
)

/** How many writes the six make, all disks together. */
function writesOf(way: Way): number {
  const machine = prepared(way)
  const before = machine.power.writes
  for (const line of LINES) expect(say(machine, line).status).toBe(0)
  return machine.power.writes - before
}

/** What a sector may be after the cut: by the lines that returned, the one under way, and whether a flush was among them. */
function possible(sector: number, begun: number, isDurableAtOnce: boolean): number[] {
  let found: number[] = [-1]
  for (let i = 0; i < Math.min(begun, WRITES.length); i++) {
    const { at, sectors, from, flush } = WRITES[i]
    const isOver = i < begun - 1
    if (sector >= at && sector < at + sectors) {
      const place = from + sector - at
      found = isOver && isDurableAtOnce ? [place] : [...found, place]
    }
    if (isOver && flush === true) found = found.slice(-1)
  }
  return found
}

interface Outcome {
  readonly states: number
  /** States with a sector that matches no sum, and such sectors in all. */
  readonly failing: number
  readonly sectors: number
}

function sectorIs(machine: Machine, bytes: Uint8Array, sector: number, place: number, first: Machine): boolean {
  return sameBytes(bytes, place < 0 ? contents(first, 'd', sector) : contents(machine, 'src', place))
}

/** Cuts at every write, each way; and once more during the recovery. */
function cutEverywhere(way: Way, isDurableAtOnce: boolean, again: number): Outcome {
  const untouched = prepared(way)
  const total = writesOf(way)
  let states = 0
  let failing = 0
  let sectors = 0
  for (let writes = 1; writes <= total; writes++) {
    for (const keep of ['none', 'all', 'random']) {
      const machine = prepared(way)
      setUp(machine, `power cut --after-writes ${writes} --keep ${keep}`)
      let begun = 0
      for (const line of LINES) {
        begun++
        say(machine, line)
        if (!machine.powerOn) break
      }
      expect(machine.powerOn).toBe(false)
      setUp(machine, 'power on')
      if (again > 0) {
        setUp(machine, `power cut --after-writes ${again} --keep random`)
        say(machine, create(way))
        if (!machine.powerOn) setUp(machine, `power on\n${create(way)}`)
      } else setUp(machine, create(way))
      let bad = 0
      for (let sector = 0; sector < SECTORS; sector++) {
        const read = readSector(machine, sector)
        if (!read.ok) {
          bad++
          continue
        }
        const places = possible(sector, begun, isDurableAtOnce)
        const isOne = places.some((place) => sectorIs(machine, read.value, sector, place, untouched))
        expect(isOne, `${way.name}: sector ${sector} after ${writes} writes, ${keep}`).toBe(true)
      }
      states++
      sectors += bad
      if (bad > 0) failing++
    }
  }
  return { states, failing, sectors }
}

describe('six writes and a flush, cut at every write', () => {
  test('dual: no sector fails, and what was flushed is there', () => {
    // Six batches of two writes each, and three endings.
    expect(cutEverywhere(WAYS[2], false, 0)).toEqual({ states: 36, failing: 0, sectors: 0 })
  })

  test('dual, cut once more while it settles', () => {
    expect(cutEverywhere(WAYS[2], false, 1)).toMatchObject({ failing: 0 })
  })

  test.each([WAYS[3], WAYS[4]])('$name: no sector fails, and whatever was acknowledged is there', (way) => {
    expect(cutEverywhere(way, true, 0)).toMatchObject({ failing: 0, sectors: 0 })
  })

  test.each([1, 2, 4])('journal, cut once more after %i writes of the replay', (again) => {
    expect(cutEverywhere(WAYS[3], true, again)).toMatchObject({ failing: 0, sectors: 0 })
  })

  test('rebuild: no sector fails, whatever it holds', () => {
    expect(cutEverywhere(WAYS[1], false, 0)).toMatchObject({ failing: 0, sectors: 0 })
  })

  test('none: sectors fail with nothing wrong with them', () => {
    // Six writes of data, and one of sums at the flush.
    expect(cutEverywhere(WAYS[0], false, 0)).toEqual({ states: 21, failing: 13, sectors: 192 })
  })
})

describe('rot on every sector in turn', () => {
  test.each(WAYS.flatMap((way) => ['crc32c', 'sha256'].map((algorithm) => ({ ...way, algorithm }))))(
    '$name, $algorithm: is found',
    (way) => {
      const machine = prepared(way, way.algorithm)
      for (let sector = 0; sector < SECTORS; sector++) {
        const [fault] = say(machine, `fault add rot d ${sector}`).stdout.match(/\d+/) ?? ['']
        expect(readSector(machine, sector)).toMatchObject({ ok: false, errno: 'EILSEQ' })
        expect(readSector(machine, (sector + 1) % SECTORS).ok).toBe(true)
        setUp(machine, `fault lift ${fault}`)
      }
      expect(say(machine, 'dmsetup status c').stdout).toContain(`checksum ${SECTORS} ${SECTORS} `)
    },
  )

  test.each([
    ['none', true],
    ['rebuild', false],
    ['dual', true],
    ['journal', true],
  ] as const)('%s, and a crash before anybody reads: found is %s', (name, isFound) => {
    const way = WAYS.find((each) => each.name === name) as Way
    for (let sector = 0; sector < SECTORS; sector += 7) {
      const machine = prepared(way)
      // A sector that nobody writes, and one that is being written.
      cutAfter(machine, 1, 'none', [
        `dd if=/dev/src of=/dev/mapper/c bs=512 count=1 seek=${(sector + 9) % SECTORS} oflag=direct`,
      ])
      if (machine.powerOn) setUp(machine, 'power cut --keep none')
      setUp(machine, `fault add rot d ${sector}\npower on\n${create(way)}`)
      expect(readSector(machine, sector).ok).toBe(!isFound)
    }
  })

  test('another sector’s bytes in its place are found, too', () => {
    const machine = prepared(WAYS[2])
    setUp(machine, 'dmsetup remove c\ndd if=/dev/d of=/dev/d bs=512 count=1 skip=7 seek=9')
    setUp(machine, create(WAYS[2]))
    expect([readSector(machine, 7).ok, readSector(machine, 9).ok]).toEqual([true, false])
  })
})
