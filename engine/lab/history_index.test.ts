import { expect, test } from 'vitest'
import { FLUSH, READ, WRITE } from '../block/bio.ts'
import { TRACE, Trace } from '../sim/trace.ts'
import { testArena, testMachine } from './fixture.ts'
import { settleDown, testSession } from './history_fixture.ts'
import { BUCKETS, TimelineIndex, type TimelineSlice } from './history_index.ts'
import { MARKER_KINDS, markerText, type Marker, type MarkerNames } from './history_markers.ts'
import { Tally } from './history_tally.ts'
import type { Machine } from './machine.ts'
import { instantOf, machineAtBeginning, runTo } from './replay.ts'
import { LONG_SCRIPTS } from './long_scripts.ts'
import { splitScript } from './script.ts'

/** The index of a machine whose recording is carried out anew. */
function indexOf({ recording, sim }: Machine): TimelineIndex {
  const machine = machineAtBeginning(recording, { arena: testArena() })
  const index = new TimelineIndex()
  const follow = (): void => index.follow(machine.sim.trace)
  const watched = (until: number, time: number): void => {
    while (machine.sim.delivered < until) {
      runTo(machine, { delivered: Math.min(until, machine.sim.delivered + 100), time: 0 })
      follow()
    }
    machine.idleUntil(time)
  }
  for (const line of recording.lines) {
    watched(line.at, line.time)
    machine.type(line.text)
    follow()
  }
  watched(sim.delivered, sim.now)
  expect(instantOf(machine)).toEqual({ delivered: sim.delivered, time: sim.now })
  return index
}

/** Counts by track and column, in buckets of so many steps. */
function counts({ stepsPerBucket, count, tracks }: TimelineSlice, perBucket: number): Record<string, number[]> {
  const found: Record<string, number[]> = {}
  for (const { kind, number, columns, counts: all } of tracks) {
    columns.forEach((column, i) => {
      const sums = new Array<number>(Math.ceil((count * stepsPerBucket) / perBucket)).fill(0)
      for (let at = 0; at < count; at++) sums[Math.floor((at * stepsPerBucket) / perBucket)] += all[i * count + at]
      if (sums.some((sum) => sum > 0)) found[`${kind} ${number} ${column}`] = sums
    })
  }
  return found
}

function markersOf({ markers }: TimelineIndex): Marker[] {
  return Array.from({ length: markers.count }, (_, i) => markers.at(i))
}

test('every row falls into the bucket of its step, however often buckets were joined', () => {
  const index = new TimelineIndex()
  const trace = new Trace()
  const steps = 5000
  for (let step = 1; step <= steps; step++) {
    const op = [READ, WRITE, FLUSH][step % 3]
    trace.emit(step * 10, TRACE.disk_io, step, step % 2, 1, op, 0, 8)
    trace.emit(step * 10, TRACE.bitmap_disk_bit, 0, step % 7, step % 5 === 0 ? 0 : 1)
    if (step % 100 === 0) index.follow(trace)
  }
  index.follow(trace)
  const slice = index.slice()
  expect([slice.stepsPerBucket, slice.joined, index.missed]).toEqual([8, 3, 0])
  expect(slice.count).toBe(Math.floor(steps / 8) + 1)
  expect(slice.count).toBeLessThanOrEqual(BUCKETS)
  const found = counts(slice, 1000)
  expect(found['array 0 bitsSet']).toEqual([800, 800, 800, 800, 800, 0])
  expect(found['disk 0 reads'].reduce((a, b) => a + b)).toBe(833)
  expect(slice.times[1]).toBe(80)
  expect([...slice.times].every((time, i) => i === 0 || time === i * 80)).toBe(true)
  // Only what is new is asked for again.
  const last = index.slice(slice.count - 1)
  expect([last.first, last.count]).toEqual([slice.count - 1, 1])
  expect(Object.keys(counts(last, 8)).length).toBeGreaterThan(0)
})

test('rows that nobody saw are counted as missed', () => {
  const index = new TimelineIndex()
  const trace = new Trace()
  for (let i = 0; i < 10_000; i++) trace.emit(i, TRACE.bio_end, i)
  index.follow(trace)
  expect(index.missed).toBe(10_000 - 8192)
})

test.each(LONG_SCRIPTS)('$name: the index of a branch is that of a machine which did nothing else', ({ script }) => {
  const session = testSession({}, testMachine({ pinSeed: true }))
  for (const line of splitScript(script)) {
    session.type(line)
    settleDown(session)
  }
  const whole = session.newest.steps
  expect(counts(session.index.slice(), 64)).toEqual(counts(indexOf(session.machine).slice(), 64))
  for (const part of [0.3, 0.71]) {
    session.switchTo('branch 1')
    session.seek(Math.floor(whole * part))
    session.arrive()
    session.type('true')
    for (let i = 0; i < 20; i++) session.run({ maxEvents: 50 })
    const fresh = indexOf(session.machine)
    expect(counts(session.index.slice(), 64)).toEqual(counts(fresh.slice(), 64))
    expect(markersOf(session.index)).toEqual(markersOf(fresh))
    const tally = new Tally()
    tally.follow(session.sim.trace)
    expect([session.index.rows, session.index.step]).toEqual([tally.rows, tally.step])
  }
})

test('an idle stretch is one marker, however often a clock ticks in it', () => {
  const index = new TimelineIndex()
  const trace = new Trace()
  const second = 1_000_000_000
  trace.emit(5, TRACE.disk_io, 1, 0, 1, READ, 0, 8)
  for (let i = 1; i <= 4; i++) trace.emit(i * second, TRACE.bio_submit, 2)
  trace.emit(4 * second + 7, TRACE.disk_io, 2, 0, 1, READ, 0, 8)
  trace.emit(9 * second, TRACE.array_state, 0, 0, 1)
  index.follow(trace)
  expect(markersOf(index).map(({ kind, step, time, a }) => [kind, step, time, a])).toEqual([
    ['idle', 1, 5, 4 * second],
    ['idle', 2, 4 * second + 7, 9 * second],
    ['state', 2, 9 * second, 0],
  ])
})

test('a very long recording keeps every marker that matters, and says from where on it has all', () => {
  const index = new TimelineIndex()
  const trace = new Trace()
  for (let i = 0; i < 300_000; i++) {
    trace.emit(i, TRACE.bitmap_disk_bit, 0, i % 9, 1)
    if (i % 1000 === 0) {
      trace.emit(i, TRACE.fault, i, 0, 0, 8, 0)
      index.follow(trace)
    }
  }
  index.follow(trace)
  const { markers } = index
  expect(markers.count).toBeLessThanOrEqual(65_536)
  expect(markersOf(index).filter(({ kind }) => kind === 'fault')).toHaveLength(300)
  expect(markers.completeFrom).toBeGreaterThan(0)
  const next = markers.next(markers.completeFrom, ['bit'])
  expect(next?.row).toBeLessThan(markers.completeFrom + 3)
  expect(index.bytes).toBeLessThan(8 << 20)
})

test('markers in words', () => {
  const names: MarkerNames = { disk: (i) => `sd${'abc'[i]}`, mapped: () => 'top', cause: () => 'dd if=/dev/zero' }
  const words = MARKER_KINDS.map((kind) => {
    return markerText({ kind, row: 0, step: 0, time: -20_000_000, a: 1, b: 2, c: 1 }, names)
  })
  expect(words).toEqual([
    'dd if=/dev/zero',
    'dd if=/dev/zero: status 2',
    'power on',
    'fault 1 on sdc is lifted',
    'sdb is put in',
    'md1: the member in slot 2 is being rebuilt',
    'md1: check ends',
    'md1: data and parity do not match at sector 2',
    'top is suspended',
    'md1 is dirty',
    'md1: bit 2 of the bitmap is set',
    'nothing happens for 20000001ns',
  ])
})
