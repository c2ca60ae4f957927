import { expect, test } from 'vitest'
import { SHARED } from '../base/copy.ts'
import type { Backing } from '../block/backing.ts'
import { Chance } from '../sim/chance.ts'
import { testArena, testMachine } from './fixture.ts'
import { hashDisks } from './hash.ts'
import { settleDown, stateHash, testSession } from './history_fixture.ts'
import type { Host, Machine } from './machine.ts'
import { instantOf, replay } from './replay.ts'
import type { Session } from './session.ts'

class Outside implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly #bytes: Uint8Array

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
    this.#bytes = new Uint8Array(sizeBytes)
  }

  read(at: number, into: Uint8Array): void {
    into.set(this.#bytes.subarray(at, at + into.length))
  }

  write(at: number, from: Uint8Array): void {
    this.#bytes.set(from, at)
  }

  flush(): void {
    return
  }
}

const MAKE = [
  'disk create sda 1280K',
  'disk create sdb 1280K --model ssd',
  'disk create sdc 1280K',
  'disk create sdd 64K --model ssd',
  'mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=16 --bitmap=internal --bitmap-chunk=64K /dev/sda /dev/sdb /dev/sdc',
  "boot set <<'END'\nmdadm --assemble /dev/md0 /dev/sda /dev/sdb /dev/sdc\nEND",
]

const LINES = [
  ...['power cut', 'power cut --keep all', 'power cut --after-writes 20', 'power on', 'power on', 'power on'],
  ...['fault add latent sda 300+8', 'fault add rot sdb 400+4', 'fault lift 1'],
  ...[
    'disk pull sdb',
    'disk insert sdb --blank',
    'disk insert sdb --old',
    'disk create sdx 64K',
    'disk create sdx 128K',
  ],
  ...['workload start w /dev/md0 --depth 4 --read 30', 'workload start v /dev/sdd --sync', 'workload stop w'],
  ...['mdadm --remove /dev/md0 /dev/sdb', 'mdadm --add /dev/md0 /dev/sdb', 'cat /proc/mdstat', 'settle'],
  ...['echo check > /sys/block/md0/md/sync_action', 'dd if=/dev/urandom of=/dev/md0 bs=64k count=4 oflag=direct'],
  ...[
    "dmsetup create top --table '0 96 linear /dev/sdd 0'",
    'dmsetup suspend top',
    'dmsetup resume top',
    'dmsetup remove top',
  ],
  ...['run 3ms', 'step 20', 'seek 40', 'step --back 7'],
]

/** Somebody does something, anything. */
function act(session: Session, chance: Chance): void {
  const chosen = chance.below(10)
  if (chosen < 4) {
    session.type(LINES[chance.below(LINES.length)])
    if (chance.below(3) > 0)
      for (let i = 0; i < 100 && session.busy; i++) if (session.run({ maxEvents: 100 }) === 0) break
  } else if (chosen < 6) {
    session.run({ maxEvents: chance.below(3000) })
    session.idleUntil(session.sim.now + chance.below(5000))
  } else if (chosen === 6) session.seek(chance.below(session.newest.steps + 1))
  else if (chosen === 7 && chance.below(2) === 0) session.undo()
  else if (chosen === 7) session.stepBack(1 + chance.below(5))
  else if (chosen === 8 && chance.below(2) === 0) session.previousNotable()
  else if (chosen === 8) session.nextNotable()
  else session.live()
}

/** What is shown is what the recording makes of a machine without any history. */
function check(machine: Machine): void {
  const again = replay(machine.recording, instantOf(machine), { arena: testArena() })
  if (!again.ok) throw new Error(again.message)
  const { sim, results, kernel } = again.value
  expect(hashDisks(again.value)).toEqual(hashDisks(machine))
  expect([sim.steps, sim.trace.written, results.length]).toEqual([
    machine.sim.steps,
    machine.sim.trace.written,
    machine.results.length,
  ])
  const { ring } = machine.sim.trace
  expect(sim.trace.ring.every((value, i) => value === ring[i])).toBe(true)
  expect(kernel.md.mdstat()).toBe(machine.kernel.md.mdstat())
}

test.each([
  [1, 'in memory', 200],
  [2, 'outside', 200],
  [3, 'outside', 8],
])('whatever is done in whatever order, seed %i, disks %s, %i MiB for the past', (seed, where, megabytes) => {
  const createBacking = (_name: string, sizeBytes: number) => (where === 'outside' ? new Outside(sizeBytes) : null)
  const host: Host = { [SHARED]: true, createBacking }
  const gaps = { least: 64, usual: 512, most: 4096 }
  const session = testSession({ gaps, budgetBytes: megabytes << 20 }, testMachine({ host }))
  for (const line of MAKE) {
    session.type(line)
    settleDown(session)
  }
  const chance = new Chance(seed, 'doings')
  const parked = new Map<string, string>()
  const current = (): string => session.branches().find(({ isCurrent }) => isCurrent)?.name ?? ''
  for (let i = 0; i < 30; i++) {
    const branches = session.branches()
    const { name } = branches[chance.below(branches.length)]
    if (chance.below(5) === 0 && name !== current()) {
      session.cancel()
      session.live()
      parked.set(current(), stateHash(session.present))
      expect(session.switchTo(name)).toMatchObject({ ok: true })
      if (parked.has(name)) expect(stateHash(session.present)).toBe(parked.get(name))
    } else act(session, chance)
    session.arrive()
    parked.delete(current())
    expect(session.failure).toBeNull()
    expect(session.bytes).toBeGreaterThan(0)
    expect(session.bytes).toBeLessThan(512 << 20)
    check(session.machine)
    for (const disk of session.present.disks()) {
      expect(session.present.media(disk.name)?.isOutside).toBe(where === 'outside')
    }
  }
  expect(session.branches().length).toBeGreaterThan(2)
})
