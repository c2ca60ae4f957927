import { describe, expect, test } from 'vitest'
import { MAX_SECTOR } from './struct.ts'
import {
  dmRaidFeatureRefusal,
  encodeDmRaidSuperblock,
  failedFields,
  failedLegs,
  readDmRaidSuperblock,
  type DmRaidSuperblock,
} from './dm_raid_superblock.ts'

/** Leg 1 of a raid5_ls of five, chunks of 16 sectors, legs of 2048: the first 160 bytes, as Linux 6.1 wrote them. */
const KERNEL = [
  '446d5264 01000000 05000000 01000000 14000000 00000000 00000000 00000000',
  'ffffffff ffffffff ffffffff ffffffff 05000000 02000000 10000000 00000000',
  'ffffffff ffffffff 05000000 02000000 10000000 00000000 00200000 00000000',
  '00000000 00000000 00000000 00000000 00080000 00000000 00000000 00000000',
  '00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000',
]
const BLOCK = new Uint8Array(512)
BLOCK.set(Buffer.from(KERNEL.join('').replaceAll(' ', ''), 'hex'))

function read(block: Uint8Array): DmRaidSuperblock {
  const result = readDmRaidSuperblock(block)
  if (!result.ok || result.value === null) throw new Error('no superblock')
  return result.value
}

function changed(at: number, ...bytes: number[]): Uint8Array {
  const block = BLOCK.slice()
  block.set(bytes, at)
  return block
}

describe('a superblock that Linux wrote', () => {
  test('says what the set is', () => {
    expect(read(BLOCK)).toMatchObject({
      compat_features: 1,
      num_devices: 5,
      array_position: 1,
      events: 20,
      failed_devices: 0n,
      disk_recovery_offset: MAX_SECTOR,
      array_resync_offset: MAX_SECTOR,
      level: 5,
      layout: 2,
      stripe_sectors: 16,
      reshape_position: MAX_SECTOR,
      new_level: 5,
      array_sectors: 8192,
      sectors: 2048,
    })
    expect(failedLegs(read(BLOCK))).toEqual([])
  })

  test('comes back as it was, to the end of the block', () => {
    expect(encodeDmRaidSuperblock(read(BLOCK))).toEqual(BLOCK)
    expect(encodeDmRaidSuperblock(read(BLOCK), 4096).length).toBe(4096)
  })
})

test('other bytes are no superblock, and numbers out of range are refused', () => {
  expect(readDmRaidSuperblock(changed(0, 0))).toEqual({ ok: true, value: null })
  expect(readDmRaidSuperblock(BLOCK.subarray(0, 100))).toEqual({ ok: true, value: null })
  expect(readDmRaidSuperblock(changed(23, 0x7f))).toMatchObject({ ok: false, errno: 'EINVAL' })
})

test('failed legs lie in four fields, of which the old format knows one', () => {
  const legs = [0, 5, 63, 64, 127, 128, 200, 252]
  const superblock = { ...read(BLOCK), ...failedFields(legs) }
  expect(failedLegs(superblock)).toEqual(legs)
  expect(failedLegs(read(encodeDmRaidSuperblock(superblock)))).toEqual(legs)
  expect(failedLegs({ ...superblock, compat_features: 0 })).toEqual([0, 5, 63])
})

test('features nobody knows are refused', () => {
  expect(dmRaidFeatureRefusal(read(BLOCK))).toBeUndefined()
  expect(dmRaidFeatureRefusal(read(changed(4, 0)))).toBeUndefined()
  expect(dmRaidFeatureRefusal(read(changed(4, 2)))).toContain('0x2')
  expect(dmRaidFeatureRefusal(read(changed(144, 1)))).toContain('0x1')
})
