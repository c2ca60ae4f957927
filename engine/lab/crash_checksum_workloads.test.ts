/**
 * Crash everywhere, for checksum targets: many writes under way at once, over each other, and the power is cut at every disk write. What was
 * flushed is there, every sector is old or new, and none fails, but in the mode that promises nothing.
 */
import { describe, expect, test } from 'vitest'
import './whole_language.ts'
import type { Keep } from '../block/power_switch.ts'
import { PATIENCE_MS } from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random', 'random']
const IOS = 220
const SECTORS = 128

const WAYS = [
  { words: 'crc32c dual', fails: false },
  { words: 'crc32c dual batch 8', fails: false },
  { words: 'sha256 dual', fails: false },
  { words: 'crc32c journal journal_sectors 192', fails: false },
  { words: 'sha256 journal journal /dev/j journal_sectors 256', fails: false },
  { words: 'crc32c rebuild', fails: false },
  { words: 'crc32c none', fails: true },
  { words: 'crc32c dual order data_first', fails: true },
  { words: 'crc32c dual order no_barrier', fails: true },
]

/** A device of zeros, with all its sums, that is made again when the power comes back; the oracle lies over it. */
function makeDevice(words: string): Machine {
  const machine = testMachine({ seed: 13 })
  const create = `dmsetup create c --table '0 ${SECTORS} checksum /dev/d /dev/m ${words}'`
  setUp(
    machine,
    `disk create d ${SECTORS / 2}K --model ssd
disk create m 256K --model hdd
disk create j 128K
${create}
boot set <<'END'
${create}
END
dmsetup remove c
${create}`,
  )
  addShadow(machine, 'mapper/c')
  setUp(
    machine,
    `workload start a /dev/shadow --depth 6 --size 3K --read 20
workload start b /dev/shadow --depth 2 --size 512
workload start s /dev/shadow --sync --size 4K --region 32K+16K`,
  )
  return machine
}

describe.each(WAYS)('$words', ({ words, fails }) => {
  test(`cut at every disk write, ${fails ? 'sectors fail' : 'no sector fails'}`, { timeout: PATIENCE_MS }, () => {
    const machine = makeDevice(words)
    machine.type(`step ${IOS}`)
    let shadow = shadowOf(machine)
    let failing = 0
    let atRisk = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        atRisk += shadow.atRisk.length
        setUp(crashed, 'power on')
        const scrub = say(crashed, 'dmsetup message c 0 scrub').stdout
        if (!scrub.includes(', 0 match no sum')) {
          failing++
          expect(fails, `write ${write}, keep ${String(keep)}: ${scrub}`).toBe(true)
          return
        }
        expect(shadow.wrongSectors(readDevice(crashed, 'mapper/c')), `write ${write}, keep ${String(keep)}`).toEqual([])
      },
    })
    expect(writes).toBeGreaterThan(60)
    // A test in which nothing is at stake proves nothing.
    expect(atRisk).toBeGreaterThan(500)
    if (fails) expect(failing).toBeGreaterThan(5)
  })
})
