import { describe, expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { setUp, testMachine } from './fixture.ts'
import { GAPS } from './history.ts'
import { settleDown, stateHash, testSession, typeAtOdds } from './history_fixture.ts'
import { placeOf } from './history_seek.ts'
import { runSessionScript } from './session_script.ts'
import { LONG_SCRIPTS } from './long_scripts.ts'
import type { Session } from './session.ts'

const WORK = `disk create sda 1280K --model ssd
disk create sdb 1280K --model ssd
disk create sdc 1280K --model ssd
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=16 --bitmap=internal --bitmap-chunk=64K --assume-clean --run /dev/sda /dev/sdb /dev/sdc
workload start w /dev/md0 --depth 4 --read 30`

/** A session whose machine has an array under load, after so many disk I/Os. */
function atWork(steps: number): Session {
  const session = testSession()
  for (const line of WORK.split('\n')) {
    session.type(line)
    settleDown(session)
    expect(session.machine.results.at(-1)?.status).toBe(0)
  }
  runTo(session, steps)
  return session
}

function runTo(session: Session, step: number): void {
  while (session.sim.steps < step) expect(session.run({ untilStep: step, maxEvents: 500 })).toBeGreaterThan(0)
}

function goTo(session: Session, step: number): string {
  expect(session.seek(step)).toMatchObject({ ok: true })
  session.arrive()
  expect(session.sim.steps).toBe(step)
  return stateHash(session.machine)
}

describe.each(LONG_SCRIPTS)('$name', ({ script }) => {
  test.each([
    [5, { least: 64, usual: 256, most: 1024 }],
    [6, GAPS],
  ])('every moment is again what it was, to the last field (typing %i)', (seed, gaps) => {
    const session = testSession({ gaps })
    const chance = new Chance(seed, 'moments')
    const moments: { place: ReturnType<typeof placeOf>; hash: string }[] = []
    typeAtOdds(session, script, seed, () => {
      if (moments.length < 30 && chance.below(6) === 0)
        moments.push({ place: placeOf(session.machine), hash: stateHash(session.machine) })
    })
    const end = stateHash(session.machine)
    expect(moments.length).toBeGreaterThan(6)
    for (let i = 0; i < 8; i++) {
      const { place, hash } = moments[chance.below(moments.length)]
      expect(session.goTo(place)).toMatchObject({ ok: true })
      session.arrive()
      expect(placeOf(session.machine)).toEqual(place)
      expect(stateHash(session.machine), `after ${place.delivered} events`).toBe(hash)
    }
    session.live()
    expect(stateHash(session.machine)).toBe(end)
    expect(session.failure).toBeNull()
  })
})

test('a step is the moment right after its I/O, also after copies were thinned, forwards and backwards', () => {
  const session = atWork(300)
  const chance = new Chance(3, 'steps')
  const hashes = new Map<number, string>()
  while (session.sim.steps < 30_000) {
    const step = session.sim.steps + 1 + chance.below(3000)
    runTo(session, step)
    hashes.set(step, stateHash(session.machine))
  }
  expect(session.copies).toBeLessThan(25)
  const steps = [...hashes.keys()]
  for (let i = 0; i < 20; i++) {
    const step = steps[chance.below(steps.length - 1)]
    expect(goTo(session, step), `step ${step}`).toBe(hashes.get(step))
  }
  for (const step of steps.slice(0, 4)) expect(goTo(session, step)).toBe(hashes.get(step))
  expect(goTo(session, 0)).toBe(stateHash(testMachine()))
})

test('steps back, near the present, are one by one the moments that were', () => {
  const session = atWork(2000)
  const hashes: string[] = []
  for (let step = 2001; step <= 2040; step++) {
    runTo(session, step)
    hashes.push(stateHash(session.machine))
  }
  for (let i = hashes.length - 2; i >= 0; i--) {
    expect(session.stepBack()).toMatchObject({ ok: true })
    session.arrive()
    expect(stateHash(session.machine)).toBe(hashes[i])
  }
  session.stepBack(session.sim.steps)
  session.arrive()
  expect(session.sim.delivered).toBe(0)
  expect(session.stepBack()).toMatchObject({ ok: false, message: expect.stringContaining('step 0') as unknown })
})

test('undo goes back before the last line, and before the one before', () => {
  const session = atWork(400)
  const before = stateHash(session.machine)
  session.type('fault add latent sda 100+8')
  runTo(session, 500)
  session.type('power cut')
  expect(session.machine.powerOn).toBe(false)
  expect(session.undo()).toMatchObject({ ok: true })
  session.arrive()
  expect([session.sim.steps, session.machine.powerOn, session.isLive]).toEqual([500, true, false])
  session.undo()
  session.arrive()
  expect(stateHash(session.machine)).toBe(before)
  session.live()
  expect([session.isLive, session.machine.powerOn]).toEqual([true, false])
  for (let i = 0; i < 7; i++) session.undo()
  session.arrive()
  expect(session.machine.recording.lines).toEqual([])
  expect(session.undo()).toMatchObject({ ok: false, errno: 'ENODATA' })
})

test('the past plays on as it went, lines and all, and ends in the present', () => {
  const session = atWork(400)
  session.type('power cut --keep none')
  session.type('power on')
  settleDown(session)
  const end = stateHash(session.machine)
  goTo(session, 100)
  const results = session.machine.results.length
  while (!session.isLive) expect(session.run({ maxEvents: 100 })).toBeGreaterThan(0)
  expect(stateHash(session.machine)).toBe(end)
  expect(session.machine.results.length).toBeGreaterThan(results)
  goTo(session, 100)
  expect(session.run({ maxEvents: 50, untilTime: session.sim.now })).toBeLessThan(50)
  expect(session.isLive).toBe(false)
})

test('acting in the past leaves a branch, and both go their own ways', () => {
  const session = atWork(800)
  const present = stateHash(session.machine)
  const then = goTo(session, 300)
  session.type('disk pull sda')
  expect(session.isLive).toBe(true)
  expect(session.machine.disks()[0].pulled).toBe(true)
  runTo(session, 900)
  const other = stateHash(session.machine)
  expect(session.branches()).toMatchObject([
    { name: 'branch 1', parent: null, steps: 800, isCurrent: false },
    { name: 'branch 2', parent: 'branch 1', forkedAtStep: 300, steps: 900, isCurrent: true },
  ])
  // What lies before the fork belongs to both.
  expect(goTo(session, 300)).toBe(then)
  const shared = goTo(session, 100)
  expect(session.switchTo('branch 1')).toMatchObject({ ok: true })
  expect(stateHash(session.machine)).toBe(present)
  expect(goTo(session, 100)).toBe(shared)
  expect(goTo(session, 300)).toBe(then)
  goTo(session, 500)
  session.type('power cut')
  expect(session.branches().map(({ name, parent }) => [name, parent])).toEqual([
    ['branch 1', null],
    ['branch 2', 'branch 1'],
    ['branch 3', 'branch 1'],
  ])
  session.switchTo('branch 2')
  expect(stateHash(session.machine)).toBe(other)
  runTo(session, 1000)
  expect(session.rename('branch 2', 'without sda')).toMatchObject({ ok: true })
  expect(session.rename('branch 1', 'without sda')).toMatchObject({ ok: false, errno: 'EEXIST' })
  expect(session.switchTo('branch 9')).toMatchObject({ ok: false, errno: 'ENOENT' })
  session.switchTo('branch 1')
  expect(stateHash(session.machine)).toBe(present)
  session.switchTo('without sda')
  expect(session.sim.steps).toBe(1000)
})

test('a branch is what the same lines would have made of a machine without any history', () => {
  const session = atWork(500)
  goTo(session, 250)
  session.type('fault add slow sdb 3')
  runTo(session, 600)
  const bare = testMachine()
  setUp(bare, WORK)
  while (bare.sim.steps < 250) bare.run({ untilStep: 250 })
  bare.type('fault add slow sdb 3')
  while (bare.sim.steps < 600) bare.run({ untilStep: 600 })
  expect(stateHash(session.machine)).toBe(stateHash(bare))
})

test('notable events, one after the other, each right after it happened', () => {
  const session = atWork(100)
  session.type('fault add rot sda 8')
  runTo(session, 200)
  session.type('disk pull sdb')
  runTo(session, 400)
  const kinds = ['fault', 'disk', 'member'] as const
  const seen: string[] = []
  for (let i = 0; i < 4 && session.previousNotable(kinds).ok; i++) {
    session.arrive()
    seen.push(`${session.machine.faults().length} ${session.machine.disks()[1].pulled} ${session.sim.steps}`)
  }
  expect(seen[0]).toMatch(/^1 true 20\d$/)
  expect(seen.slice(1)).toEqual(['1 true 200', '1 false 100'])
  expect(session.previousNotable(kinds)).toMatchObject({ ok: false })
  session.nextNotable(kinds)
  session.arrive()
  expect([session.sim.steps, session.machine.disks()[1].pulled]).toEqual([200, true])
  session.nextNotable(kinds)
  session.nextNotable(kinds)
  session.arrive()
  expect(session.nextNotable(kinds)).toMatchObject({ ok: false, errno: 'ENODATA' })
  session.nextNotable()
  expect(session.isLive).toBe(true)
})

test('a journey goes in bounded batches, and what is typed meanwhile waits for its end', () => {
  const session = atWork(3000)
  session.seek(2500)
  expect([session.isTravelling, session.busy]).toEqual([true, true])
  session.type('fault add rot sda 8')
  let batches = 0
  let progress = 0
  while (session.busy && batches < 1000) {
    expect(session.progress).toBeGreaterThanOrEqual(progress)
    progress = session.isTravelling ? session.progress : 0
    session.run({ maxEvents: 100 })
    batches++
  }
  expect(batches).toBeGreaterThan(20)
  expect([session.isLive, session.sim.steps, session.machine.faults().length]).toEqual([true, 2500, 1])
})

test('step --back and seek are lines that a session carries out, and no part of the recording', () => {
  const session = testSession()
  const script = `${WORK}\nstep 200\nstep --back 20\ntrue\nseek 100\nstep 30\nseek 150\nstep --back 1000`
  const { ok, results } = runSessionScript(session, script, { keepGoing: true })
  expect(ok).toBe(false)
  expect(results.slice(-7).map(({ command, status }) => [command, status])).toEqual([
    ['step 200', 0],
    ['step --back 20', 0],
    ['true', 0],
    ['seek 100', 0],
    ['step 30', 0],
    ['seek 150', 0],
    ['step --back 1000', 1],
  ])
  expect(results.at(-1)?.stderr).toContain('nothing before step 0')
  expect([session.isLive, session.sim.steps]).toEqual([false, 150])
  expect(session.branches()).toHaveLength(2)
  expect(session.lines.map(({ text }) => text)).not.toContain('seek 100')
  // Beyond the newest moment the live machine goes on.
  const newest = session.newest.steps
  runSessionScript(session, `step ${newest}`)
  expect([session.isLive, session.sim.steps]).toEqual([true, 150 + newest])
})

test('run, too, is a line that a session carries out: in the past along the recording, then beyond it', () => {
  const session = atWork(300)
  const { time } = session.newest
  goTo(session, 200)
  const begin = session.sim.now
  const half = Math.floor((time - begin) / 2)
  runSessionScript(session, `run ${half}ns`)
  expect([session.isLive, session.sim.now]).toEqual([false, begin + half])
  runSessionScript(session, `run ${time - begin}ns`)
  expect([session.isLive, session.sim.now]).toEqual([true, time + half])
  expect(session.lines).toHaveLength(5)
  const { results, ok } = runSessionScript(session, 'power cut --after 1ms\nrun 10ms\nstep\nrun 1ms', {
    keepGoing: true,
  })
  expect(ok).toBe(false)
  expect(results.map(({ argv0, status, stderr }) => [argv0, status, stderr])).toEqual([
    ['power', 0, ''],
    ['run', 1, 'run: the power failed\n'],
    ['step', 1, 'step: the power is off: nothing moves\n'],
    ['run', 0, ''],
  ])
})

test('a step that never comes is given up, as on a machine', () => {
  const session = testSession()
  session.type('disk create sda 64K')
  session.type('step 3')
  settleDown(session)
  expect(session.said).toMatchObject([
    { command: 'step 3', status: 1, stderr: 'step: nothing more will happen; this is step 0\n' },
  ])
})

test('steps back that are asked for on the way count from where the way leads', () => {
  const session = atWork(3000)
  session.seek(2000)
  session.run({ maxEvents: 10 })
  for (let i = 0; i < 5; i++) expect(session.stepBack().ok).toBe(true)
  session.arrive()
  expect(session.sim.steps).toBe(1995)
  session.seek(500)
  session.type('fault list; step 2; echo done')
  session.cancel()
  expect([session.isTravelling, session.busy, session.isLive]).toEqual([false, false, false])
  expect(session.branches()).toHaveLength(1)
  session.type('step 4')
  session.type('true')
  settleDown(session)
  expect([session.isLive, session.branches().length]).toEqual([true, 2])
})

test('what interjects does not wait for a line that moves forward; the rest does', () => {
  const session = atWork(100)
  session.type('step 500')
  session.run({ maxEvents: 100 })
  session.type('echo later')
  session.type('fault add rot sda 8')
  expect([session.machine.faults().length, session.sim.steps < 200]).toEqual([1, true])
  settleDown(session)
  expect(session.sim.steps).toBeGreaterThanOrEqual(600)
  expect(session.machine.results.slice(-2).map(({ command }) => command)).toEqual(['fault add rot sda 8', 'echo later'])
  expect(session.said.at(-1)).toMatchObject({ command: 'step 500', status: 0 })
  // Before what waited for it.
  expect(session.said.at(-1)?.ended).toBe(session.machine.results.length - 1)
})

test.each(['power cut; power on; step 1', 'power cut # at once\n\npower on\nstep 1'])(
  'a text that begins with a cut cuts at once, and the rest of it comes in its turn: %j',
  (text) => {
    const session = atWork(100)
    session.type('step 500')
    session.run({ maxEvents: 100 })
    session.type('echo later')
    session.type(text)
    expect([session.machine.powerOn, session.sim.steps < 200]).toEqual([false, true])
    settleDown(session)
    expect(session.machine.powerOn).toBe(true)
    expect(session.machine.results.slice(-3).map(({ command }) => command)).toEqual([
      'power cut',
      'echo later',
      'power on',
    ])
    expect(session.said.map(({ command, status }) => [command, status])).toEqual([
      ['step 500', 1],
      ['step 1', 1],
    ])
  },
)

test('a machine by itself still refuses to go back', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K')
  machine.type('step --back')
  expect(machine.results.at(-1)).toMatchObject({ status: 1, stderr: expect.stringContaining('past') as unknown })
})

test('where memory is short, gaps grow, then the left end moves and says why; what is left is right', () => {
  const budgetBytes = 10 << 20
  const session = testSession({ budgetBytes, gaps: { least: 256, usual: 1024, most: 4096 } })
  for (const line of WORK.split('\n')) {
    session.type(line)
    settleDown(session)
  }
  const hashes = new Map<number, string>()
  for (let step = 500; step <= 10_000; step += 500) {
    runTo(session, step)
    hashes.set(step, stateHash(session.machine))
  }
  expect(session.bytes).toBeLessThan(budgetBytes)
  const { steps, reason } = session.leftEnd
  expect(steps).toBeGreaterThan(500)
  expect(steps).toBeLessThan(9000)
  expect(reason).toContain('10 MiB')
  expect(session.seek(steps - 1)).toMatchObject({ ok: false, errno: 'ENODATA', message: reason })
  session.seek(steps)
  session.arrive()
  expect(session.sim.steps).toBe(steps)
  for (const [step, hash] of hashes) if (step > steps) expect(goTo(session, step)).toBe(hash)
})
