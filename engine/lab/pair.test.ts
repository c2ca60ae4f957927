import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { countersOf } from './counters.ts'
import { testArena } from './fixture.ts'
import { stateHash, testSession } from './history_fixture.ts'
import { Machine } from './machine.ts'
import { Pair } from './pair.ts'
import { splitScript } from './script.ts'

const DISKS = ['sda', 'sdb', 'sdc', 'sdd'].map((name) => `disk create ${name} 2M --model ssd`).join('\n')
const CREATE =
  'mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64 --bitmap=internal --bitmap-chunk=64K --assume-clean --run /dev/sda /dev/sdb /dev/sdc /dev/sdd'
const BOOT = 'mdadm --assemble /dev/md0 /dev/sda /dev/sdb /dev/sdc /dev/sdd'
const SETUP = `${DISKS}\n${CREATE}\nboot set <<'END'\n${BOOT}\nEND\nrun 20s`
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=40 oflag=direct'
const WORKLOAD = 'workload start w /dev/md0 --depth 2 --rate 2000'

function pairOf(script: string): Pair {
  const pair = new Pair(testSession(), { arena: () => testArena() })
  for (const line of splitScript(script)) say(pair, line)
  return pair
}

function say(pair: Pair, line: string): void {
  pair.type(line)
  settle(pair)
}

function settle(pair: Pair): void {
  for (let i = 0; pair.busy || pair.isTravelling; i++) {
    if (pair.run({ maxEvents: 500 }) === 0) return
    if (i > 100_000) throw new Error('it does not come to rest')
  }
}

function twinOf(pair: Pair): Machine {
  if (pair.twin === null) throw new Error('nothing is compared')
  return pair.twin.session.machine
}

/** Runs both until the first one has completed so many more disk I/Os. */
function step(pair: Pair, count: number): void {
  const untilStep = pair.sim.steps + count
  while (pair.sim.steps < untilStep) {
    expect(pair.run({ untilStep })).toBeGreaterThan(0)
  }
  expect(pair.isTogether).toBe(true)
}

/** Both at one instant: what is due next is due later, and neither has typed more. */
function expectTogether(pair: Pair): void {
  const twin = twinOf(pair)
  expect(pair.isTogether).toBe(true)
  expect(twin.sim.now).toBeLessThanOrEqual(pair.sim.now)
  expect(twin.sim.queue.nextTime()).toBeGreaterThan(pair.sim.now)
  expect(twin.recording.lines.length).toBe(pair.machine.recording.lines.length)
}

/** A machine that got the twin's own lines, at the instants at which it got them. */
function bare(pair: Pair): Machine {
  const { lines } = twinOf(pair).recording
  const machine = new Machine({ seed: pair.seed, arena: testArena() })
  for (const { at, time, text } of lines) {
    while (machine.sim.delivered < at) machine.run({ maxEvents: at - machine.sim.delivered })
    machine.idleUntil(time)
    machine.type(text)
  }
  const { delivered, now } = twinOf(pair).sim
  while (machine.sim.delivered < delivered) machine.run({ maxEvents: delivered - machine.sim.delivered })
  machine.idleUntil(now)
  return machine
}

test('with and without a bitmap: a cut in the middle of a write, and what has to be resynced', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --bitmap=none')
  expectTogether(pair)
  expect(twinOf(pair).kernel.md.arrays[0].bitmap).toBeNull()
  pair.type(WRITE)
  // The bitmap is on the disks, the data on its way.
  step(pair, 27)
  pair.type('power cut --keep all')
  expectTogether(pair)
  expect([pair.machine.powerOn, twinOf(pair).powerOn]).toEqual([false, false])
  say(pair, 'power on')
  say(pair, 'settle')
  say(pair, 'run 1s')
  expectTogether(pair)
  const totals = new Map(countersOf(pair)?.totals.map(({ name, left, right }) => [name, [left, right]]))
  // One chunk of the members of one, all sixteen of the others.
  expect(totals.get('resynced')).toEqual([65_536, 1_048_576])
  expect(totals.get('bitmap writes')?.[1]).toBe(0)
  expect(totals.get('bitmap writes')?.[0]).toBeGreaterThan(0)
  const [mine, others] = totals.get('time of resync') ?? [0, 0]
  expect(mine).toBeGreaterThan(0)
  expect(others).toBeGreaterThan(mine * 5)
})

test('the first difference of a write is the bit that is written before it', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --bitmap=none')
  const before = pair.comparison?.differences.length ?? 0
  expect(pair.comparison?.differences.some(({ isChange, kind }) => isChange && kind === 'io')).toBe(true)
  say(pair, WRITE)
  const fresh = pair.comparison?.differences.slice(before) ?? []
  const io = fresh.find(({ kind, since }) => kind === 'io' && since === WRITE)
  expect(io?.left?.text).toMatch(/write the bitmap/)
  expect(io?.right?.text).not.toMatch(/bitmap/)
  expect(io?.isChange).toBe(false)
  expect(pair.comparison?.first).not.toBeNull()
  // What it says can be gone to: the step is the one at which it is done.
  pair.session.seek(io?.left?.step ?? 0)
  pair.arrive()
  expect(pair.sim.now).toBe(io?.left?.time)
  expectTogether(pair)
})

test('an answer that differs is told, one that only took longer is not', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --chunk=16')
  say(pair, WRITE)
  say(pair, 'cat /proc/mdstat')
  say(pair, 'dd if=/dev/md0 of=/tmp/x bs=4k count=1 seek=40 oflag=direct status=none')
  const answers = pair.comparison?.differences.filter(({ kind }) => kind === 'answer') ?? []
  expect(answers.map(({ since }) => since)).toEqual(['cat /proc/mdstat'])
  expect(answers[0].left?.text).toContain('64k chunk')
  expect(answers[0].right?.text).toContain('16k chunk')
})

test('what fails on one of them only is told with its error', () => {
  const pair = pairOf(SETUP)
  say(
    pair,
    'compare --line 5 mdadm --create /dev/md1 --level=5 --raid-devices=3 --chunk=64 --assume-clean --run /dev/sda /dev/sdb /dev/sdc',
  )
  say(pair, WRITE)
  const [answer] = pair.comparison?.differences.filter(({ kind, since }) => kind === 'answer' && since === WRITE) ?? []
  expect(answer.right?.text).toMatch(/status 1/)
})

test('a machine beside itself would not differ, and a line must be there to be another one', () => {
  const pair = pairOf(SETUP)
  const answer = (line: string): string => {
    say(pair, line)
    return pair.said.at(-1)?.stderr ?? ''
  }
  expect(answer(`compare ${CREATE}`)).toContain('nothing would differ')
  expect(answer('compare --bitmap=internal')).toContain('nothing would differ')
  expect(answer('compare off')).toContain('nothing is being compared')
  expect(answer('compare')).toContain('nothing is being compared')
  expect(answer('compare sleep 3')).toContain('no line of this recording begins with sleep')
  expect(answer('compare --line 77 sleep 3')).toContain('no line 77')
  expect(pair.twin).toBeNull()
})

test('without a difference in what is done, none is found', () => {
  const pair = pairOf(`${SETUP}\nsleep 1`)
  say(pair, 'compare sleep 1.0')
  say(pair, WORKLOAD)
  say(pair, 'run 50ms')
  say(pair, 'power cut')
  say(pair, 'power on')
  say(pair, 'settle')
  say(pair, 'cat /proc/mdstat')
  expectTogether(pair)
  expect(pair.comparison?.differences).toEqual([])
  expect(pair.census()?.[0]).toEqual(pair.census()?.[1])
})

test('two in step: every instant of a busy life, there and back', () => {
  const seed = 4
  const pair = pairOf(`${SETUP}\n${WORKLOAD}\nrun 20ms`)
  say(pair, 'compare --bitmap=none --chunk=16')
  expectTogether(pair)
  const chance = new Chance(seed, 'pairs')
  const moments: { step: number; time: number; left: string; right: string; counters: unknown }[] = []
  const note = () => ({
    step: pair.sim.steps,
    time: pair.sim.now,
    left: stateHash(pair.machine),
    right: stateHash(twinOf(pair)),
    counters: countersOf(pair),
  })
  for (const line of ['', 'fault add slow sdb 4', 'power cut', 'power on', '', 'disk pull sdc', '']) {
    if (line !== '') say(pair, line)
    if (!pair.machine.powerOn) continue
    if (line === 'power on') say(pair, WORKLOAD)
    for (let i = 0; i < 2; i++) {
      step(pair, 1 + chance.below(150))
      expectTogether(pair)
      moments.push(note())
    }
  }
  expect(stateHash(bare(pair))).toBe(stateHash(twinOf(pair)))
  for (let i = 0; i < 6; i++) {
    const moment = moments[chance.below(moments.length - 1)]
    pair.session.seek(moment.step)
    pair.arrive()
    expectTogether(pair)
    expect(note(), `seed ${seed}, step ${moment.step}`).toEqual(moment)
  }
  // Playing on from there leads to the same present.
  while (!pair.session.isLive) expect(pair.run({ maxEvents: 200 })).toBeGreaterThan(0)
  settle(pair)
  expect(note()).toEqual(moments.at(-1))
})

test('a step back and a line typed there: both leave their way at the same instant', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --bitmap=none')
  say(pair, WRITE)
  say(pair, 'run 1ms')
  const end = pair.sim.steps
  expect(pair.session.seek(end - 4).ok).toBe(true)
  pair.arrive()
  expectTogether(pair)
  const { now } = pair.sim
  pair.type('power cut --keep none')
  expectTogether(pair)
  expect(pair.session.branches().length).toBe(2)
  expect([pair.machine, twinOf(pair)].map(({ recording }) => recording.lines.at(-1))).toMatchObject([
    { time: now, text: 'power cut --keep none' },
    { time: now, text: 'power cut --keep none' },
  ])
  expect([pair.machine.powerOn, twinOf(pair).powerOn]).toEqual([false, false])
  say(pair, 'power on')
  say(pair, 'settle')
  expectTogether(pair)
  expect(stateHash(bare(pair))).toBe(stateHash(twinOf(pair)))
  const rows = pair.sim.trace.written
  expect(pair.comparison?.differences.every(({ left }) => left === null || left.row < rows)).toBe(true)
  // The other branch has a twin of its own, made of its own lines.
  pair.session.switchTo('branch 1')
  settle(pair)
  expectTogether(pair)
  expect(pair.sim.steps).toBeGreaterThanOrEqual(end)
  expect(twinOf(pair).recording.lines.map(({ text }) => text)).not.toContain('power cut --keep none')
})

test('what was compared after a fork is what a comparison from the beginning finds', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --bitmap=none')
  say(pair, WORKLOAD)
  step(pair, 300)
  pair.session.stepBack(120)
  pair.arrive()
  say(pair, 'disk pull sdb')
  step(pair, 100)
  say(pair, 'cat /proc/mdstat')
  const told = { differences: [...(pair.comparison?.differences ?? [])], counters: countersOf(pair) }
  say(pair, 'compare --bitmap=none')
  expect(countersOf(pair)).toEqual(told.counters)
  const beyond = told.differences.filter(({ since }) => since !== WORKLOAD)
  expect(pair.comparison?.differences.filter(({ since }) => since !== WORKLOAD)).toEqual(beyond)
  expect(beyond.map(({ since }) => since)).toContain('disk pull sdb')
})

test('small batches and large ones bring the same two machines', () => {
  const run = (maxEvents: number) => {
    const pair = pairOf(SETUP)
    pair.type('compare --bitmap=none')
    while (pair.busy || pair.isTravelling) pair.run({ maxEvents })
    pair.type(WORKLOAD)
    pair.type('power cut --after-writes 90')
    while (pair.machine.powerOn || twinOf(pair).powerOn) expect(pair.run({ maxEvents })).toBeGreaterThan(0)
    pair.type('power on')
    const untilTime = pair.sim.now + 40_000_000
    while (pair.nextTime() <= untilTime) pair.run({ maxEvents, untilTime })
    pair.idleUntil(untilTime)
    return [stateHash(pair.machine), stateHash(twinOf(pair)), pair.comparison?.differences, countersOf(pair)]
  }
  expect(run(7)).toEqual(run(5000))
})

test('one machine again, and the memories are there for the next two', () => {
  let arenas = 0
  const pair = new Pair(testSession(), { arena: () => (arenas++, testArena()) })
  for (const line of splitScript(SETUP)) say(pair, line)
  const alone = stateHash(pair.machine)
  for (let i = 0; i < 3; i++) {
    say(pair, 'compare --chunk=16')
    expect(pair.twin).not.toBeNull()
    say(pair, 'compare off')
    expect(pair.twin).toBeNull()
  }
  expect(arenas).toBe(2)
  expect(stateHash(pair.machine)).toBe(alone)
})

test('a script with a comparison in it', () => {
  const pair = pairOf('')
  pair.type(`${SETUP}\ncompare --bitmap=none\n${WRITE}\ncompare`)
  settle(pair)
  expect(pair.said.at(-1)?.stdout).toMatch(/right: mdadm .*--bitmap=none/)
  expect(pair.said.at(-1)?.stdout).toMatch(/bitmap writes +\d+ +0/)
})

test('a line typed before the changed one drops the change, and that is known; on the other branch it is there', () => {
  const pair = pairOf(SETUP)
  say(pair, 'compare --bitmap=none')
  expect(pair.isChanged).toBe(true)
  expect(pair.session.undo().ok).toBe(true)
  settle(pair)
  // Before the line that makes the array: the past of the branch, on which it comes yet.
  while (pair.machine.recording.lines.length > 2) {
    expect(pair.session.undo().ok).toBe(true)
    settle(pair)
  }
  expect(pair.isChanged).toBe(true)
  say(pair, 'echo here')
  expect(pair.isChanged).toBe(false)
  const [{ name }] = pair.session.branches()
  expect(pair.session.switchTo(name).ok).toBe(true)
  settle(pair)
  expect(pair.isChanged).toBe(true)
  expect(twinOf(pair).kernel.md.arrays[0].bitmap).toBeNull()
})
