import { expect, test } from 'vitest'
import { setUp, testMachine } from '../lab/fixture.ts'
import type { Machine } from '../lab/machine.ts'
import '../lab/whole_language.ts'
import { BIT_DIRTY, BLOCK_IN_JOURNAL, BLOCK_UNCHECKED, BLOCK_WRONG, type IntegrityLook } from './integrity_flags.ts'
import { integrityLook } from './integrity_look.ts'

function make(mode: string, extra: string): Machine {
  const machine = testMachine()
  const words = `internal_hash:crc32c fix_padding ${extra}`.trim().split(' ')
  setUp(
    machine,
    `disk create sda 2M
dmsetup create i --table '0 1024 integrity /dev/sda 0 - ${mode} ${words.length} ${words.join(' ')}'
settle`,
  )
  return machine
}

function look(machine: Machine): IntegrityLook {
  const found = integrityLook(machine, 'i')
  if (found === null) throw new Error('no look')
  return found
}

/** The blocks that have a flag. */
function blocks({ blocks: flags }: IntegrityLook, flag: number): number[] {
  return [...flags.keys()].filter((block) => (flags[block] & flag) !== 0)
}

test('blocks that were never written have no tag that fits; a recalculated device has them all', () => {
  const blank = look(make('D', ''))
  expect(blocks(blank, BLOCK_WRONG)).toHaveLength(1024)
  expect(blank.recalculated).toBe(-1)
  const whole = look(make('D', 'recalculate'))
  expect([...whole.blocks].some((flags) => flags !== 0)).toBe(false)
  expect(whole.recalculated).toBe(3656)
  expect(whole.stretches.map(({ kind }) => kind)).toEqual(['superblock', 'journal', 'tags', 'data'])
})

test('what is in the journal is nowhere else, and its section says so', () => {
  const machine = make('J', 'recalculate journal_sectors:900')
  setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/i bs=512 count=5 seek=9 oflag=direct')
  const before = look(machine)
  expect(blocks(before, BLOCK_IN_JOURNAL)).toEqual([9, 10, 11, 12, 13])
  expect(before.sections).toHaveLength(5)
  expect(before.sections.slice(0, 2)).toEqual([
    { state: 'uncommitted', used: 5, lap: 0 },
    { state: 'free', used: 0, lap: 0 },
  ])
  setUp(
    machine,
    'blockdev --flushbufs /dev/mapper/i\ndd if=/dev/zero of=/dev/mapper/i bs=512 count=1 oflag=direct,dsync',
  )
  expect(look(machine).sections[0]).toEqual({ state: 'committed', used: 6, lap: 1 })
  setUp(machine, 'dmsetup suspend i\ndmsetup resume i')
  const after = look(machine)
  expect([...after.blocks].some((flags) => flags !== 0)).toBe(false)
  expect(after.freeEntries).toBe(840)
})

// As with Linux, the bit of the last stretch, which is shorter, is not cleared once all tags were recalculated.
test('rot is seen before anybody has read it; a block of a dirty stretch is not checked after a cut', () => {
  const machine = make('B', 'recalculate sectors_per_bit:64 bitmap_flush_interval:600000')
  setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/i bs=4k count=1 seek=40 oflag=direct')
  const now = look(machine)
  expect([...now.bits.keys()].filter((bit) => (now.bits[bit] & BIT_DIRTY) !== 0)).toEqual([5, 57])
  expect(now.bitSectors).toBe(64)
  setUp(machine, 'fault add rot sda 700')
  expect(blocks(look(machine), BLOCK_WRONG)).toHaveLength(1)
  expect(look(machine).mismatches).toBe(0)
  expect(blocks(look(machine), BLOCK_UNCHECKED)).toEqual([])
})

test('there is nothing to be seen of other devices', () => {
  const machine = testMachine()
  setUp(machine, `disk create sda 1M\ndmsetup create l --table '0 100 linear /dev/sda 0'`)
  expect(integrityLook(machine, 'l')).toBeNull()
  expect(integrityLook(machine, 'none')).toBeNull()
})
