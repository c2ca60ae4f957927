import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import { assert } from '../../engine/base/assert.ts'
import { Memory } from '../../engine/base/memory.ts'
import type { Limits } from '../../engine/lab/machine.ts'
import type { EventTarget } from '../../engine/sim/queue.ts'
import { Sim } from '../../engine/sim/sim.ts'
import { Pump, type PumpMachine } from './pump.ts'

const MS = 1_000_000
const SECOND = 1_000_000_000

const EVERY = 0
const ONCE = 1
const BREAK = 2

/** A machine in which a disk I/O completes every `period`, and a command takes as long as its line says, in ms. */
class Clockwork implements PumpMachine, EventTarget {
  readonly sim = new Sim(7, new Memory(new PlainArena(65536)))
  readonly seed = 7
  readonly typedAt: number[] = []
  busy = false
  isTravelling = false
  period: number
  /** Real time that an event takes, in milliseconds. */
  cost = 0.0001
  real = 0
  /** After how many events it was kept. */
  readonly kept: number[] = []

  constructor(period: number) {
    this.period = period
    if (period > 0) this.sim.after(period, this, EVERY)
  }

  keepNow(): void {
    this.kept.push(this.sim.delivered)
  }

  event(what: number): void {
    this.real += this.cost
    assert(what !== BREAK, 'the spring is broken')
    if (what === ONCE) {
      this.busy = false
      this.sim.requestStop()
      return
    }
    this.sim.steps++
    this.sim.after(this.period, this, EVERY)
  }

  type(text: string): void {
    this.typedAt.push(this.sim.now)
    this.busy = true
    this.sim.after(Number(text) * MS, this, text === 'break' ? BREAK : ONCE)
  }

  run(limits: Limits = {}): number {
    return this.sim.run(limits.untilTime ?? Infinity, limits.maxEvents ?? 1000, limits.untilStep ?? Infinity)
  }

  nextTime(): number {
    return this.sim.queue.nextTime()
  }

  idleUntil(time: number): void {
    if (time > this.sim.now && this.sim.queue.nextTime() > time) this.sim.now = time
  }
}

/** Lets real time pass as a worker would, sleeping when the pump says so. */
function live(pump: Pump, machine: Clockwork, milliseconds: number): void {
  const end = machine.real + milliseconds
  while (machine.real < end) {
    const wait = pump.turn()
    machine.real = Math.min(end, machine.real + Math.max(0.01, wait))
  }
}

function pumpOf(machine: Clockwork, speed: number): Pump {
  return new Pump(machine, () => machine.real, speed)
}

test('nothing moves before it plays, or while it pauses', () => {
  const machine = new Clockwork(MS)
  const pump = pumpOf(machine, SECOND)
  live(pump, machine, 100)
  expect([machine.sim.delivered, pump.clock, pump.state]).toEqual([0, 0, 'paused'])
  pump.play()
  live(pump, machine, 10.5)
  expect(machine.sim.delivered).toBe(10)
  pump.pause()
  const { clock } = pump
  expect(clock).toBeGreaterThan(10 * MS)
  live(pump, machine, 100)
  expect([machine.sim.delivered, pump.clock]).toEqual([10, clock])
})

test('the moment of a pause is kept, once, and not before the page has heard of the pause', () => {
  const machine = new Clockwork(MS)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 10.5)
  pump.pause()
  expect(pump.turn()).toBeGreaterThan(0)
  expect(machine.kept).toEqual([])
  live(pump, machine, 1000)
  expect(machine.kept).toEqual([10])
})

test.each([
  [1_000_000, 1000],
  [100_000_000, 100_000],
  [SECOND, MS],
])('at %i virtual ns per real second, events come in their time', (speed, period) => {
  const machine = new Clockwork(period)
  const pump = pumpOf(machine, speed)
  pump.play()
  live(pump, machine, 1000.5)
  expect(machine.sim.delivered).toBe(1000)
  expect(pump.skips).toEqual([])
  expect(pump.clock).toBeGreaterThanOrEqual(speed)
  expect(pump.clock).toBeLessThanOrEqual(speed * 1.001)
})

test('a change of speed neither jumps nor goes back', () => {
  const machine = new Clockwork(MS)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 50)
  let before = pump.clock
  for (const speed of [1_000_000, Infinity, 10_000, SECOND]) {
    pump.setSpeed(speed)
    expect(pump.clock).toBe(before)
    live(pump, machine, 5)
    expect(pump.clock).toBeGreaterThan(before)
    before = pump.clock
  }
})

test('the slow host falls behind without a debt', () => {
  const machine = new Clockwork(MS)
  machine.cost = 2
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 1000)
  expect(machine.sim.delivered).toBeGreaterThan(400)
  machine.cost = 0.0001
  const before = machine.sim.delivered
  live(pump, machine, 100)
  expect(machine.sim.delivered - before).toBeLessThan(110)
})

test('a batch is short, whatever the events cost', () => {
  const machine = new Clockwork(1)
  machine.cost = 0.05
  const pump = pumpOf(machine, Infinity)
  pump.play()
  for (let i = 0; i < 50; i++) {
    const before = machine.real
    pump.turn()
    if (i > 5) expect(machine.real - before).toBeLessThan(8)
  }
})

test('never more than a second without an event, and what is skipped is noted', () => {
  const machine = new Clockwork(15 * SECOND)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 2000)
  expect(machine.sim.delivered).toBeGreaterThanOrEqual(10)
  expect(pump.skips.length).toBeGreaterThanOrEqual(10)
  for (const { from, to } of pump.skips) {
    expect(to).toBeGreaterThan(from)
    expect(to % (15 * SECOND)).toBeGreaterThan(14.8 * SECOND)
  }
})

test('a gap of less than a second is waited for', () => {
  const machine = new Clockwork(900 * MS)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 899)
  expect(machine.sim.delivered).toBe(0)
  live(pump, machine, 2)
  expect(machine.sim.delivered).toBe(1)
  expect(pump.skips).toEqual([])
})

test('at full speed a busy machine runs, and one at rest does not race', () => {
  const busy = new Clockwork(1000)
  busy.cost = 0.001
  const pump = pumpOf(busy, Infinity)
  pump.play()
  live(pump, busy, 100)
  expect(busy.sim.delivered).toBeGreaterThan(50_000)
  const resting = new Clockwork(5 * SECOND)
  const slow = pumpOf(resting, Infinity)
  slow.play()
  live(slow, resting, 1000)
  expect(resting.sim.delivered).toBeGreaterThanOrEqual(9)
  expect(resting.sim.delivered).toBeLessThanOrEqual(11)
  expect(slow.skips.length).toBe(resting.sim.delivered)
})

test('a typed command is hurried through, and then the pace is the old one', () => {
  const machine = new Clockwork(MS)
  machine.cost = 0.001
  const pump = pumpOf(machine, 1_000_000)
  pump.play()
  live(pump, machine, 10)
  expect(machine.sim.delivered).toBe(0)
  pump.type('5000')
  expect(pump.isHurrying).toBe(true)
  live(pump, machine, 50)
  expect(machine.busy).toBe(false)
  const { delivered } = machine.sim
  expect(delivered).toBeGreaterThanOrEqual(5000)
  live(pump, machine, 500)
  expect(machine.sim.delivered - delivered).toBeLessThanOrEqual(1)
})

test('a line is typed at the instant the clock shows', () => {
  const machine = new Clockwork(10 * SECOND)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 0.5)
  pump.pause()
  const { clock } = pump
  pump.type('1')
  expect(machine.typedAt).toEqual([clock])
  expect(clock).toBeGreaterThan(0)
})

test('a command typed while it pauses stays under way until it plays', () => {
  const machine = new Clockwork(MS)
  const pump = pumpOf(machine, SECOND)
  pump.type('3')
  live(pump, machine, 100)
  expect(machine.busy).toBe(true)
  expect(machine.sim.delivered).toBe(0)
  pump.play()
  live(pump, machine, 5)
  expect(machine.busy).toBe(false)
})

test('a step is exactly one I/O, and then it pauses', async () => {
  const machine = new Clockwork(20 * SECOND)
  const pump = pumpOf(machine, 1000)
  for (let i = 1; i <= 3; i++) {
    const reached = pump.step(1)
    expect(pump.state).toBe('stepping')
    live(pump, machine, 1)
    expect(await reached).toBe(true)
    expect([machine.sim.steps, pump.clock, pump.state]).toEqual([i, i * 20 * SECOND, 'paused'])
  }
  const five = pump.step(5)
  live(pump, machine, 1)
  expect(await five).toBe(true)
  expect(machine.sim.steps).toBe(8)
})

test('a step that never comes is given up', async () => {
  const machine = new Clockwork(0)
  const pump = pumpOf(machine, 1000)
  const reached = pump.step(1)
  live(pump, machine, 1)
  expect(await reached).toBe(false)
  expect(pump.state).toBe('paused')
  const again = pump.step(1)
  pump.pause()
  expect(await again).toBe(false)
})

test('a hidden tab stands still, unless a command is under way', () => {
  const machine = new Clockwork(MS)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  pump.setHidden(true)
  live(pump, machine, 100)
  expect([machine.sim.delivered, pump.state]).toEqual([0, 'hidden'])
  pump.type('40')
  live(pump, machine, 100)
  expect(machine.busy).toBe(false)
  const { delivered } = machine.sim
  expect(delivered).toBeGreaterThanOrEqual(40)
  expect(delivered).toBeLessThan(42)
  live(pump, machine, 100)
  expect(machine.sim.delivered).toBe(delivered)
  pump.setHidden(false)
  live(pump, machine, 10.5)
  expect(machine.sim.delivered).toBeGreaterThanOrEqual(delivered + 10)
  expect(machine.sim.delivered).toBeLessThanOrEqual(delivered + 11)
})

test('a mistake of ours stops the machine for good, and is told', () => {
  const machine = new Clockwork(MS)
  machine.sim.emit(7, 1, 2)
  const pump = pumpOf(machine, SECOND)
  pump.play()
  live(pump, machine, 3.5)
  machine.sim.after(0, machine, BREAK)
  live(pump, machine, 1)
  expect(pump.state).toBe('stopped')
  expect(pump.failure).toMatchObject({
    kind: 'assertion',
    message: 'the spring is broken',
    seed: 7,
    time: 3 * MS,
    steps: 3,
  })
  expect(pump.failure?.lastEvents).toEqual([{ at: 0, event: 'array_state', array: 1, from: 2, to: 0 }])
  pump.play()
  pump.type('1')
  live(pump, machine, 10)
  expect(machine.sim.steps).toBe(3)
})
