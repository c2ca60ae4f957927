import { describe, expect, test } from 'vitest'
import { decodeBadBlocks } from './md_badblocks.ts'
import golden from './md_superblock.golden.json' with { type: 'json' }
import {
  encodeSuperblock,
  FEATURE_BAD_BLOCKS,
  holdsRole,
  loadSuperblock,
  MDP_SUPERBLOCK_1,
  newDataOffset,
  readSuperblock,
  ROLE_SPARE,
  roleOf,
  sameArray,
  superblockBytes,
  superblockChecksum,
  superOffsetSectors,
  type MdMinor,
  type MdSuperblock,
} from './md_superblock.ts'

function bytesOf(base64: string): Uint8Array {
  const block = new Uint8Array(4096)
  block.set(Buffer.from(base64, 'base64'))
  return block
}

function load(image: (typeof golden.images)[number]): MdSuperblock {
  const minor = Number(image.name[2]) as MdMinor
  const read = loadSuperblock(bytesOf(image.super), { minor, deviceSectors: image.deviceSectors })
  if (!read.ok) throw new Error(read.message)
  return read.value
}

describe.each(golden.images)('superblock of $name', (image) => {
  const minor = Number(image.name[2]) as MdMinor

  test('lies where it should', () => {
    expect(superOffsetSectors(minor, image.deviceSectors)).toBe(image.superSector)
  })

  test('comes back as it was written by Linux', () => {
    expect(encodeSuperblock(load(image))).toEqual(bytesOf(image.super).subarray(0, 512))
  })

  test('says what mdadm reads in it', () => {
    const says = (label: string): string =>
      image.examine
        .find((line) => line.trimStart().startsWith(`${label} :`))
        ?.split(' : ')[1]
        ?.trim() ?? 'nothing'
    const superblock = load(image)
    expect(says('Events')).toBe(String(superblock.events))
    expect(says('Avail Dev Size')).toMatch(`${superblock.data_size} sectors`)
    expect(says('Data Offset')).toBe(superblock.data_offset === 0 ? 'nothing' : `${superblock.data_offset} sectors`)
    expect(says('Super Offset')).toBe(`${superblock.super_offset} sectors`)
    expect(says('Name')).toMatch(superblock.set_name)
    expect(says('Checksum')).toBe(`${superblock.sb_csum.toString(16)} - correct`)
    expect(says('Device Role')).toBe(`Active device ${roleOf(superblock)}`)
    expect(says('Feature Map')).toBe(`0x${superblock.feature_map.toString(16)}`)
  })
})

test('the bad-block log of a member is that which was put there', () => {
  const image = golden.images.find((one) => one.name.endsWith('bad blocks'))
  if (!image) throw new Error('no image with bad blocks')
  const superblock = load(image)
  expect(superblock.feature_map & FEATURE_BAD_BLOCKS).toBe(FEATURE_BAD_BLOCKS)
  expect(decodeBadBlocks(Buffer.from(image.badBlocks ?? '', 'base64'), superblock.bblog_shift)).toEqual([
    { sector: 3000, count: 8 },
    { sector: 5000, count: 1 },
  ])
})

/** The golden's superblock with some bytes changed. */
function changed({ changes, checksum }: (typeof golden.changed)[number]): Uint8Array {
  const block = bytesOf(golden.base)
  const view = new DataView(block.buffer)
  for (const [at, bits, value] of changes as [number, number, string][]) {
    const number = BigInt(value)
    for (let i = 0; i < bits / 8; i++) view.setUint8(at + i, Number((number >> BigInt(8 * i)) & 0xffn))
  }
  if (checksum) {
    const maxDev = Math.min(1920, view.getUint32(MDP_SUPERBLOCK_1.offsets.max_dev, true))
    view.setUint32(MDP_SUPERBLOCK_1.offsets.sb_csum, superblockChecksum(block, maxDev), true)
  }
  return block
}

describe('Linux and we agree on a superblock with', () => {
  test.each(golden.changed)('$name', (one) => {
    const read = loadSuperblock(changed(one), { minor: 2, deviceSectors: 18432 })
    // The one difference: a number too large to be held is refused at once.
    const accepted = one.accepted && one.name !== 'recovery_offset 2^60'
    expect(read.ok, read.ok ? '' : read.message).toBe(accepted)
    if (!read.ok) expect(read.errno).toBe('EINVAL')
  })
})

describe('what one member says of the array', () => {
  const superblock = load(golden.images[0] as (typeof golden.images)[number])

  test('roles: slots by device number, anything else is a spare', () => {
    expect([0, 1, 2, 3, 4].map((number) => roleOf(superblock, number))).toEqual([0, 1, 2, ROLE_SPARE, 3])
    expect(roleOf(superblock, 5000)).toBe(ROLE_SPARE)
    expect(holdsRole(superblock)).toBe(true)
    expect(holdsRole({ ...superblock, dev_number: 3 })).toBe(false)
  })

  test('members belong together by uuid, level, layout and chunk', () => {
    const other = { ...superblock, dev_number: 1, events: 99, size: 5 }
    expect(sameArray(superblock, other)).toBe(true)
    expect(sameArray(superblock, { ...other, level: 4 })).toBe(false)
    expect(sameArray(superblock, { ...other, layout: 0 })).toBe(false)
    expect(sameArray(superblock, { ...other, chunksize: 8 })).toBe(false)
    expect(sameArray(superblock, { ...other, set_uuid: new Uint8Array(16) })).toBe(false)
  })

  test('the data moves only while a reshape says so', () => {
    expect(newDataOffset({ ...superblock, new_offset: -8 })).toBe(2048)
    expect(newDataOffset({ ...superblock, new_offset: -8, feature_map: 4 | 64 })).toBe(2040)
  })

  test('its length is in whole blocks', () => {
    expect([0, 128, 129, 1920].map((maxDev) => superblockBytes(maxDev))).toEqual([512, 512, 1024, 4096])
    expect(superblockBytes(128, 4096)).toBe(4096)
  })
})

test('what is no superblock is called so', () => {
  expect(readSuperblock(new Uint8Array(4096))).toMatchObject({ ok: false, errno: 'EINVAL' })
  expect(readSuperblock(new Uint8Array(100))).toMatchObject({ ok: false, errno: 'EINVAL' })
})
