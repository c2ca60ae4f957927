import { expect, test } from 'vitest'
import { setUp, testArena, testMachine } from './fixture.ts'
import { stateHash } from './history_fixture.ts'
import { History, keepMoment, type Gaps, type Reason } from './history.ts'
import { bytesOf, fitInto } from './history_budget.ts'
import { Tally } from './history_tally.ts'
import { Machine } from './machine.ts'

const GAPS: Gaps = { least: 16, usual: 256, most: 1024 }

/** A machine under load, and its history from before that. */
function begin(parent?: History): { machine: Machine; history: History } {
  const machine = testMachine()
  setUp(machine, 'disk create sda 256K\nworkload start w /dev/sda --depth 2 --size 16K')
  return { machine, history: new History(keepMoment(machine, new Tally(), 'end', false), parent, GAPS) }
}

/** Runs on for so many events, with a copy whenever one is due. */
function run(machine: Machine, history: History, events: number, reason: Reason = null): void {
  const end = machine.sim.delivered + events
  while (machine.sim.delivered < end) {
    machine.run({ maxEvents: Math.min(GAPS.least, end - machine.sim.delivered) })
    history.add(keepMoment(machine, new Tally(), reason, false))
  }
}

function gapsOf({ moments }: History): number[] {
  return moments.slice(1).map(({ delivered }, i) => delivered - moments[i].delivered)
}

test('copies stand close together near the present, and ever farther apart towards the past', () => {
  const { machine, history } = begin()
  run(machine, history, 16_000)
  const gaps = gapsOf(history)
  const { delivered } = history.newest
  expect(Math.max(...gaps)).toBeLessThanOrEqual(GAPS.usual)
  history.moments.slice(1).forEach((moment, i) => {
    expect(gaps[i]).toBeLessThanOrEqual(Math.max(GAPS.least, (delivered - moment.delivered) / 4))
  })
  expect(gaps.at(-1)).toBe(GAPS.least)
  expect(history.moments.length).toBeLessThan(16_000 / GAPS.usual + 64)
  expect(history.moments.length).toBeGreaterThan(16_000 / GAPS.usual)
})

test('copies before lines, and the one at the left end, stay', () => {
  const { machine, history } = begin()
  const [first] = history.moments
  run(machine, history, 160, 'line')
  const lines = history.moments.slice(1)
  run(machine, history, 8000)
  expect(history.moments.slice(0, 11)).toEqual([first, ...lines])
})

test('a copy is woken as it was, after its neighbours were dropped', () => {
  const { machine, history } = begin()
  const hashes = new Map<number, string>()
  for (let i = 0; i < 40; i++) {
    run(machine, history, 64)
    hashes.set(machine.sim.delivered, stateHash(machine))
  }
  let checked = 0
  for (const { kept, delivered } of history.moments) {
    if (!hashes.has(delivered)) continue
    expect(stateHash(Machine.wake(kept, testArena()))).toBe(hashes.get(delivered))
    checked++
  }
  expect(checked).toBeGreaterThan(5)
})

test('what does not fit goes in order: copies between others, copies before lines, left ends; the newest stays', () => {
  const { machine, history } = begin()
  run(machine, history, 800)
  run(machine, history, 80, 'line')
  run(machine, history, 800)
  const count = (reason: Reason): number => history.moments.filter((moment) => moment.reason === reason).length
  const { newest } = history
  const seen: number[][] = []
  for (let budget = history.bytes; budget > 0; budget -= 100_000) {
    fitInto(budget, [history])
    seen.push([count(null), count('line'), history.hasLost ? 1 : 0])
    if (!history.hasLost) expect(Math.max(...gapsOf(history))).toBeLessThanOrEqual(GAPS.most)
  }
  const linesGo = seen.findIndex(([, lines]) => lines < 5)
  expect(seen[linesGo - 1][0]).toBeGreaterThan(0)
  expect(seen[linesGo][0]).toBeLessThanOrEqual(4)
  const endGoes = seen.findIndex(([, , lost]) => lost === 1)
  expect(endGoes).toBeGreaterThanOrEqual(linesGo)
  expect(history.moments).toEqual([newest])
  expect(history.hasLost).toBe(true)
  expect(history.leftEnd).toBe(newest)
})

test('a line of time that left another has its copies from before, and is not lost with them', () => {
  const { machine, history } = begin()
  run(machine, history, 640)
  const fork = Machine.wake(history.newest.kept, testArena())
  const child = new History(keepMoment(fork, new Tally(), 'end', false), history, GAPS)
  run(machine, history, 640)
  run(fork, child, 320)
  expect(child.leftEnd).toBe(history.moments[0])
  const { steps, delivered } = child.moments[0]
  expect(child.nearest({ kind: 'step', step: steps })?.delivered).toBeLessThan(delivered)
  expect(child.nearest({ kind: 'step', step: steps + 1 })?.delivered).toBe(delivered)
  const early = child.nearest({ kind: 'step', step: 20 })
  expect(early !== null && history.moments.includes(early)).toBe(true)
  fitInto(1, [history, child])
  expect([history.moments.length, child.moments.length]).toEqual([1, 1])
  expect(child.leftEnd).toBe(child.newest)
  history.newest.reason = 'newest'
  history.weighAll()
  expect(bytesOf([history, child])).toBeGreaterThan(0)
  expect(bytesOf([history, child])).toBeLessThan(1 << 20)
})
