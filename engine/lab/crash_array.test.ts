/**
 * Crash everywhere, for arrays: the power is cut at every disk write under random workloads, and then, for every one of these cuts,
 * again at every disk write of the recovery. Judged each time from the members' media: the bitmap (or the superblock) covers every
 * row that is not consistent, and only rows that were being written are not; what was flushed is there, every sector is old
 * or new; after the resync all rows are consistent.
 *
 * The first test of each array cuts in a longer window and tries three ways in which a cut goes about what was not flushed. In
 * the second, whose window is shorter, no pair of a first and a second cut is left out, and the three ways take turns.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import {
  FLAWLESS,
  judge,
  latecomers,
  makeArray,
  mismatches,
  PATIENCE_MS,
  recover,
  recoverByForce,
  remainsOf,
  rowsOf,
} from './crash_array_fixture.ts'
import { CRASHED_ARRAYS } from './crash_arrays.ts'
import { shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { setUp, testArena } from './fixture.ts'
import { readMembers } from './raid5_judge.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']

/** The disks complete so many I/Os, about half of them writes, while the power is cut once; and while it is cut twice. */
const ONCE_IOS = 120
const TWICE_IOS = 60

describe.each(CRASHED_ARRAYS)('$name', (options) => {
  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeArray(options, 11)
    setUp(machine, `${options.workloads}\n${options.lead ?? ''}`)
    machine.type(`step ${options.onceIos ?? ONCE_IOS}`)
    let shadow = shadowOf(machine)
    let states = 0
    let inconsistent = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        const remains = remainsOf(crashed)
        states++
        if (remains.inconsistent.length > 0) inconsistent++
        expect(remains.uncovered, state).toEqual([])
        const atRisk = rowsOf(readMembers(crashed), shadow.atRisk)
        const elsewhere = remains.inconsistent.filter((row) => !atRisk.has(row))
        expect(elsewhere, state).toEqual([])
        expect(recover(crashed, shadow), state).toEqual(FLAWLESS)
        expect(mismatches(crashed), state).toBe(0)
      },
    })
    expect(states).toBe(writes * KEEPS.length)
    expect(writes).toBeGreaterThan(20)
    // A test that never meets the write hole proves nothing.
    expect(inconsistent).toBeGreaterThan(options.pauses === true ? 1 : writes / 4)
  })

  test('cut again at every disk write of every recovery', { timeout: PATIENCE_MS }, () => {
    const machine = makeArray(options, 12)
    setUp(machine, `${options.workloads}\n${options.lead ?? ''}`)
    machine.type(`step ${options.twiceIos ?? TWICE_IOS}`)
    let shadow = shadowOf(machine)
    const recovering = testArena()
    let states = 0
    let firstCuts = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write: first }) => {
        firstCuts++
        const { inconsistent, events: crashEvents } = remainsOf(crashed)
        const before = new Set(inconsistent)
        const seen = states
        // The bits that the recovery leaves behind are cleared while time passes.
        crashed.type('power on\nsettle\nrun 20s')
        const again = cutAtEveryWrite(crashed, {
          keeps: (write) => [KEEPS[(first + write) % KEEPS.length]],
          arena: recovering,
          visit: ({ machine: twice, write: second, keep }) => {
            states++
            const state = `write ${first}, write ${second} of the recovery, keep ${String(keep)}`
            const remains = remainsOf(twice)
            expect(remains.uncovered, state).toEqual([])
            const fresh = remains.inconsistent.filter((row) => !before.has(row))
            expect(fresh, state).toEqual([])
            if (latecomers(remains).length === 0) expect(recover(twice, shadow), state).toEqual(FLAWLESS)
            else {
              // Only if the first cut, too, fell into an update.
              expect(new Set(crashEvents).size, state).toBe(2)
              expect(recoverByForce(twice, shadow), state).toEqual(FLAWLESS)
            }
          },
        })
        expect(states - seen).toBe(again)
        expect(judge(crashed, shadow), `write ${first}`).toEqual(FLAWLESS)
      },
    })
    expect(firstCuts).toBe(writes)
    expect(states).toBeGreaterThan(10 * writes)
  })
})
