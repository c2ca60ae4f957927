import { describe, expect, test } from 'vitest'
import { copyGraph, SHARED } from '../base/copy.ts'
import type { Backing } from '../block/backing.ts'
import { Chance } from '../sim/chance.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import { hashDisks, TraceHash } from './hash.ts'
import { Machine, type Host, type KeptMachine } from './machine.ts'
import { fingerprint, type Fingerprint } from './replay.ts'
import { LONG_SCRIPTS } from './long_scripts.ts'
import { finish } from './script.ts'

/** Between two looks at the trace its ring has not gone round. */
const BATCH_EVENTS = 256

/** Carries out what was typed, and lets the machine finish. @returns what two equal machines have in common. */
function toTheEnd(machine: Machine, trace: TraceHash): { fingerprint: Fingerprint; results: unknown } {
  const follow = (): void => trace.follow(machine.sim.trace)
  while (machine.busy && machine.run({ maxEvents: BATCH_EVENTS }) > 0) follow()
  finish(machine, follow)
  expect(trace.missed).toBe(false)
  return { fingerprint: fingerprint(machine, trace), results: machine.results }
}

/** Runs a machine so many events on. */
function advance(machine: Machine, events: number): void {
  while (events > 0 && machine.busy) {
    const count = machine.run({ maxEvents: Math.min(events, BATCH_EVENTS) })
    if (count === 0) return
    events -= count
  }
}

describe.each(LONG_SCRIPTS)('$name', ({ script }) => {
  const whole = testMachine()
  whole.type(script)
  const expected = toTheEnd(whole, new TraceHash())
  const events = whole.sim.delivered

  test('the scenario does something', () => {
    expect(events).toBeGreaterThan(100)
    expect(whole.busy).toBe(false)
    expect(whole.results.filter(({ status, stderr }) => status !== 0 && !stderr.includes('power failed'))).toEqual([])
  })

  test('copies made at random instants go on as the original does', () => {
    const chance = new Chance(20260101, 'instants')
    const arena = testArena()
    for (let i = 0; i < 12; i++) {
      const machine = testMachine()
      machine.type(script)
      const at = chance.below(events)
      advance(machine, at)
      const rows = machine.sim.trace.written
      const kept = machine.keep()
      // What was before the copy is in the ring or not; the two are compared from there on.
      const original = toTheEnd(machine, new TraceHash(rows))
      const copy = toTheEnd(Machine.wake(kept, arena), new TraceHash(rows))
      expect(copy, `at event ${at}`).toEqual(original)
      expect(original.fingerprint.disks).toEqual(expected.fingerprint.disks)
      expect(original.results).toEqual(expected.results)
    }
  })

  test('a kept copy can be woken twice, while the original has long gone on', () => {
    const machine = testMachine()
    machine.type(script)
    advance(machine, events >> 1)
    const rows = machine.sim.trace.written
    const kept = machine.keep()
    const ends = [machine, Machine.wake(kept, testArena()), Machine.wake(kept, testArena())].map((each) =>
      toTheEnd(each, new TraceHash(rows)),
    )
    expect(ends[1]).toEqual(ends[0])
    expect(ends[2]).toEqual(ends[0])
  })

  test('no function lives in the state, at no instant', () => {
    const machine = testMachine()
    machine.type(script)
    const stride = Math.ceil(events / 40)
    while (machine.busy) {
      expect(() => copyGraph({ sim: machine.sim, kernel: machine.kernel, shell: machine.shell })).not.toThrow()
      const before = machine.sim.delivered
      advance(machine, stride)
      if (machine.sim.delivered === before) break
    }
  })
})

/** Bytes outside, as a file would be. */
class Outside implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly bytes: Uint8Array

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
    this.bytes = new Uint8Array(sizeBytes)
  }

  read(at: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(at, at + into.length))
  }

  write(at: number, from: Uint8Array): void {
    this.bytes.set(from, at)
  }

  flush(): void {
    return
  }
}

describe('on disks outside', () => {
  const host: Host = { [SHARED]: true, createBacking: (_name, sizeBytes) => new Outside(sizeBytes) }
  const script = `disk create sda 1M
workload start w /dev/sda --depth 4 --size 12K
workload start v /dev/sda --sync --pattern seq
run 3ms`

  test('a copy keeps the bytes of its instant, and goes on without touching them', () => {
    const machine = testMachine({ host })
    setUp(machine, script)
    const kept: KeptMachine[] = []
    const hashes: Record<string, string>[] = []
    for (let i = 0; i < 5; i++) {
      kept.push(machine.keep())
      hashes.push(hashDisks(machine))
      setUp(machine, 'run 1ms')
    }
    expect(new Set(hashes.map(({ sda }) => sda)).size).toBe(5)
    const last = hashDisks(machine)
    kept.forEach((each, i) => {
      const copy = Machine.wake(each, testArena())
      expect(hashDisks(copy)).toEqual(hashes[i])
      setUp(copy, `run ${5 - i}ms`)
      expect(hashDisks(copy)).toEqual(last)
    })
    expect(hashDisks(machine)).toEqual(last)
  })

  test('the place where the bytes are makes no difference', () => {
    const ends = [testMachine({ host }), testMachine()].map((machine) => {
      machine.type(script)
      return toTheEnd(machine, new TraceHash())
    })
    expect(ends[0]).toEqual(ends[1])
  })
})
