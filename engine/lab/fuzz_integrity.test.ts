/**
 * Spoilt superblocks and journals of integrity devices: whatever is there, a line is refused or the device works on, no command hangs, no
 * assertion fails, and nothing is written outside the stretch of the disk that the device lies on.
 */
import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { PATIENCE_MS } from './crash_array_fixture.ts'
import { say, setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import './whole_language.ts'

const CASES = 160
const SEED = 20

/** The device lies in the middle of the disk. */
const FIRST = 200
const SECTORS = 1200
const DISK = 1600

const MODES = ['J', 'B', 'D', 'R'] as const

function table(mode: string): string {
  return `0 400 integrity /dev/mapper/middle 0 - ${mode} 3 internal_hash:crc32c fix_padding interleave_sectors:128`
}

function contents(machine: Machine): Uint8Array {
  machine.flushDisks()
  const bytes = new Uint8Array(DISK * 512)
  machine.media('sda')?.read(0, bytes, 0, bytes.length)
  return bytes
}

/** A machine with a journal that has something in it, and the bytes of the disk then. */
function prepared(mode: string): { machine: Machine; bytes: Uint8Array } {
  const machine = testMachine({ seed: SEED })
  setUp(
    machine,
    `disk create sda ${DISK / 2}K
dd if=/dev/urandom of=/dev/sda bs=100K count=1 oflag=direct
dd if=/dev/urandom of=/dev/sda bs=100K count=1 seek=7 oflag=direct
dmsetup create middle --table '0 ${SECTORS} linear /dev/sda ${FIRST}'
dmsetup create i --table '${table(mode)}'
dd if=/dev/urandom of=/dev/mapper/i bs=8k count=12 oflag=direct conv=fsync
power cut --keep all
power on
dmsetup create middle --table '0 ${SECTORS} linear /dev/sda ${FIRST}'`,
  )
  return { machine, bytes: contents(machine) }
}

/** Spoils the superblock, the journal, or both. @returns what was done, for whoever has to find out. */
function spoil(bytes: Uint8Array, chance: Chance): string {
  const sb = FIRST * 512
  const said: string[] = []
  for (let n = chance.below(4) + 1; n > 0; n--) {
    const inJournal = chance.below(2) === 0
    const at = inJournal ? sb + 4096 + chance.below(176 * 512) : sb + chance.below(64)
    const length = 1 + chance.below(inJournal ? 40 : 4)
    const how = chance.below(4)
    for (let i = at; i < at + length; i++) bytes[i] = how === 0 ? 0 : how === 1 ? 0xff : chance.below(256)
    said.push(`${at - sb}+${length}:${how}`)
  }
  return said.join(' ')
}

for (const made of ['J', 'B'] as const) {
  test(`${CASES} spoilt devices that were last used in mode ${made}`, { timeout: PATIENCE_MS }, () => {
    const chance = new Chance(SEED, `integrity ${made}`)
    const { bytes } = prepared(made)
    let worked = 0
    for (let n = 0; n < CASES; n++) {
      const spoilt = bytes.slice()
      const what = `case ${n}, seed ${SEED}: ${spoil(spoilt, chance)}`
      const machine = testMachine({ seed: n })
      setUp(machine, `disk create sda ${DISK / 2}K`)
      machine.media('sda')?.write(0, spoilt, 0, spoilt.length)
      setUp(machine, `dmsetup create middle --table '0 ${SECTORS} linear /dev/sda ${FIRST}'`)
      const mode = MODES[chance.below(4)]
      if (say(machine, `dmsetup create i --table '${table(mode)}'`).status === 0) {
        worked++
        say(machine, 'dd if=/dev/mapper/i of=/tmp/x bs=8k count=25 iflag=direct conv=noerror')
        say(machine, 'dd if=/dev/urandom of=/dev/mapper/i bs=8k count=25 oflag=direct')
        say(machine, 'settle')
        say(machine, 'dmsetup suspend i')
        say(machine, 'dmsetup resume i')
        say(machine, 'dmsetup status i')
        expect(say(machine, 'dmsetup remove i').status, what).toBe(0)
      }
      const after = contents(machine)
      expect(Buffer.compare(after.subarray(0, FIRST * 512), bytes.subarray(0, FIRST * 512)), what).toBe(0)
      const end = (FIRST + SECTORS) * 512
      expect(Buffer.compare(after.subarray(end), bytes.subarray(end)), what).toBe(0)
    }
    expect(worked).toBeGreaterThan(CASES / 5)
    expect(worked).toBeLessThan(CASES)
  })
}
