import { expect, test } from 'vitest'
import { settleDown, stateHash, testSession } from './history_fixture.ts'
import type { Session } from './session.ts'

const WORK = `disk create sda 1280K --model ssd
disk create sdb 1280K --model ssd
workload start w /dev/sda --depth 4 --read 30
workload start v /dev/sdb --rate 50 --depth 1`

function atWork(steps: number): Session {
  const session = testSession()
  for (const line of WORK.split('\n')) {
    session.type(line)
    settleDown(session)
  }
  while (session.sim.steps < steps) session.run({ untilStep: steps, maxEvents: 500 })
  return session
}

function glance(session: Session, step: number): string {
  for (;;) {
    const there = session.glance(step, 50)
    if (!there.ok) throw new Error(there.message)
    if (there.value !== null) return stateHash(there.value)
  }
}

test('a glance shows another moment as it was, and leaves the one that is shown as it is', () => {
  const session = atWork(3000)
  const hashes = new Map<number, string>()
  for (const step of [700, 1500, 1499, 2999]) {
    session.seek(step)
    session.arrive()
    hashes.set(step, stateHash(session.machine))
  }
  session.seek(1500)
  session.arrive()
  const shown = session.machine
  for (const step of [1499, 2999, 700]) expect(glance(session, step), `step ${step}`).toBe(hashes.get(step))
  expect(session.machine).toBe(shown)
  expect(stateHash(shown)).toBe(hashes.get(1500))
  session.live()
  expect(glance(session, 2999)).toBe(hashes.get(2999))
  session.run({ untilStep: 3500, maxEvents: 100_000 })
  expect(glance(session, 700)).toBe(hashes.get(700))
  expect(session.glance(3501)).toMatchObject({ ok: false, errno: 'ENODATA' })
})

test('on another branch a glance shows that branch', () => {
  const session = atWork(1000)
  const live = glance(session, 900)
  session.seek(600)
  session.arrive()
  session.type('disk pull sdb')
  while (session.sim.steps < 1000) session.run({ untilStep: 1000, maxEvents: 500 })
  const mine = glance(session, 900)
  expect(mine).not.toBe(live)
  session.switchTo('branch 1')
  expect(glance(session, 900)).toBe(live)
})

test('the index finds where something was on a track, both ways', () => {
  const session = atWork(5000)
  const { index } = session
  const size = index.stepsPerBucket
  expect(size).toBeGreaterThan(1)
  const slice = index.slice()
  const disk = slice.tracks.find(({ kind, number }) => kind === 'disk' && number === 1)
  if (disk === undefined) throw new Error('no track of sdb')
  const counts = Array.from({ length: slice.count }, (_, i) =>
    disk.columns.reduce((sum, _column, column) => sum + disk.counts[column * slice.count + i], 0),
  )
  const [middle] = counts.flatMap((count, i) => (count === 0 && i > counts.length / 2 ? [i] : []))
  expect(middle).toBeGreaterThan(0)
  const after = counts.findIndex((count, i) => count > 0 && i > middle)
  const before = counts.findLastIndex((count, i) => count > 0 && i < middle)
  const forward = index.stretchWith('disk', 1, middle * size, true)
  expect(forward).toEqual({ first: after * size, last: Math.min(5000, (after + 1) * size - 1) })
  expect(index.stretchWith('disk', 1, middle * size, false)).toMatchObject({ first: before * size })
  expect(index.stretchWith('mapped', 3, 0, true)).toBeNull()
})
