import { expect, test } from 'vitest'
import { atStake, cutCopy } from '../lab/explore.ts'
import { setUp, testArena, testMachine } from '../lab/fixture.ts'
import type { Machine } from '../lab/machine.ts'
import { FIRST_MACHINE } from '../lab/first_machine.ts'
import { inconsistentRows, readMembers, uncoveredRows } from '../lab/raid5_judge.ts'
import { previewCut, type PreviewKeep } from './cut_preview.ts'

/** The first machine, with so many disk I/Os of its workload done. */
function atWork(steps: number): Machine {
  const machine = testMachine()
  setUp(machine, FIRST_MACHINE)
  machine.run({ untilStep: machine.sim.steps + steps })
  return machine
}

/** What a cut does: done in a copy, and judged from its media. */
function judge(machine: Machine, keep: PreviewKeep) {
  const members = readMembers(cutCopy(machine.keep(), keep, testArena()))
  return { wrong: inconsistentRows(members), uncovered: uncoveredRows(members) }
}

test.each([64, 67, 71, 83, 95, 110, 150, 151, 152, 153, 154])(
  'what is foretold after %i disk I/Os is what a cut does',
  (steps) => {
    const machine = atWork(steps)
    const writes = atStake(machine)
    expect(writes.length).toBeGreaterThan(0)
    const some = writes.filter((_, i) => i % 2 === 0)
    const torn = writes.map(({ disk, sector, sectors }) => ({ disk, sector, sectors: Math.ceil(sectors / 2) }))
    for (const keep of ['none', 'all', some, torn] satisfies PreviewKeep[]) {
      const { stripes } = previewCut(machine, keep)
      const foretold = stripes.filter(({ wrong }) => wrong !== 0)
      const { wrong, uncovered } = judge(machine, keep)
      // Nothing but the stripes at stake can be wrong: the array was consistent before.
      expect(foretold.map(({ sector }) => sector / 8)).toEqual(wrong)
      expect(foretold.filter(({ bitsSet }) => bitsSet === 0).map(({ sector }) => sector / 8)).toEqual(uncovered)
    }
  },
)

test('at some instants a cut leaves parity wrong', () => {
  const counts = [150, 151, 152, 153, 154, 155, 156].map((steps) => {
    const { stripes } = previewCut(atWork(steps), 'none')
    return stripes.filter(({ wrong }) => wrong !== 0).length
  })
  expect(Math.max(...counts)).toBeGreaterThan(0)
})

test('asking changes nothing', () => {
  const asked = atWork(80)
  const other = atWork(80)
  previewCut(asked, 'all')
  previewCut(asked, 'none')
  for (const machine of [asked, other]) machine.run({ untilStep: machine.sim.steps + 200 })
  expect(asked.sim.now).toBe(other.sim.now)
  expect(asked.sim.delivered).toBe(other.sim.delivered)
})

test('what survives, and what is behind', () => {
  const machine = atWork(150)
  const none = previewCut(machine, 'none')
  const all = previewCut(machine, 'all')
  expect(none.kept).toBe(0)
  expect(all.kept).toBe(all.atStake)
  expect(all.stripes.every(({ members }) => members.every(({ behind }) => behind === 0))).toBe(true)
  expect(none.stripes.some(({ members }) => members.some(({ behind }) => behind !== 0))).toBe(true)
  const [{ disk, sector }] = atStake(machine)
  expect(previewCut(machine, [{ disk, sector, sectors: 1 }]).kept).toBe(1)
})

test('without a member nobody can say whether parity fits', () => {
  const machine = atWork(80)
  setUp(machine, 'mdadm /dev/md0 --fail /dev/sda')
  machine.run({ untilStep: machine.sim.steps + 100 })
  const { stripes } = previewCut(machine, 'none')
  expect(stripes.length).toBeGreaterThan(0)
  expect(stripes.every(({ wrong, members }) => wrong === -1 && members.length === 3)).toBe(true)
})
