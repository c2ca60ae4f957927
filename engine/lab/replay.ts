/**
 * Recordings, carried out again: every line is typed at the instant at which it was typed, counted in delivered events, so
 * that the same bytes and the same trace come out.
 */
import type { Arena } from '../base/arena.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import { Media } from '../block/media.ts'
import type { TraceHash } from './hash.ts'
import { hashDisks } from './hash.ts'
import { Machine } from './machine.ts'
import type { Recording } from './recording.ts'

/** Between two looks at the trace its ring has not gone round. */
const BATCH_EVENTS = 256

/** An instant of a machine: so many events were delivered, and the clock showed this. */
export interface Instant {
  readonly delivered: number
  readonly time: number
}

export interface ReplayOptions {
  readonly arena: Arena
  /** What the disks held when the recording began; those that are missing were blank. */
  readonly images?: ReadonlyMap<string, Media>
  readonly trace?: TraceHash
}

/** What two runs have in common when they are the same. */
export interface Fingerprint {
  readonly instant: Instant
  readonly disks: Readonly<Record<string, string>>
  readonly trace: string
}

export function instantOf(machine: Machine): Instant {
  return { delivered: machine.sim.delivered, time: machine.sim.now }
}

/** @param trace the hash that followed the machine from its beginning. */
export function fingerprint(machine: Machine, trace: TraceHash): Fingerprint {
  trace.follow(machine.sim.trace)
  return { instant: instantOf(machine), disks: hashDisks(machine), trace: trace.digest() }
}

/** The machine of a recording before its first line. */
export function machineAtBeginning(recording: Recording, options: Omit<ReplayOptions, 'trace'>): Machine {
  const machine = new Machine({
    seed: recording.seed,
    epochSeconds: recording.epochSeconds,
    arena: options.arena,
    pinSeed: true,
  })
  for (const { name, sizeBytes, model } of recording.disks) {
    machine.attachDisk(name, options.images?.get(name) ?? new Media(sizeBytes), model)
  }
  const { head } = recording
  machine.bootScript = head.bootScript
  for (const [name, value] of head.rules) machine.rules.set(name, value)
  for (const fault of head.faults) machine.addFaultAgain(fault)
  for (const name of head.pulled) machine.pullDisk(name)
  return machine
}

/**
 * Makes the machine of a recording again, up to an instant.
 * @errors EINVAL when an event that was there then does not come: the recording is of another version, or other images.
 */
export function replay(recording: Recording, until: Instant, options: ReplayOptions): Result<Machine> {
  const machine = machineAtBeginning(recording, options)
  for (const line of recording.lines) {
    if (line.at > until.delivered) break
    const reached = runTo(machine, { delivered: line.at, time: line.time }, options.trace)
    if (!reached.ok) return reached
    machine.type(line.text)
    options.trace?.follow(machine.sim.trace)
  }
  const reached = runTo(machine, until, options.trace)
  return reached.ok ? ok(machine) : reached
}

/** Runs a machine on to an instant of its recording. */
export function runTo(machine: Machine, instant: Instant, trace?: TraceHash): Result<null> {
  const { sim } = machine
  while (sim.delivered < instant.delivered) {
    const count = machine.run({ maxEvents: Math.min(BATCH_EVENTS, instant.delivered - sim.delivered) })
    trace?.follow(sim.trace)
    if (count === 0) return fail('EINVAL', `event ${sim.delivered + 1} of the recording does not come`)
  }
  machine.idleUntil(instant.time)
  return ok(null)
}
