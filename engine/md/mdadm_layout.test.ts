import { describe, expect, test } from 'vitest'
import { readBitmapSuper } from '../format/md_bitmap_super.ts'
import { loadSuperblock, ROLE_SPARE } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import {
  bitmapChunkBytes,
  bitmapSyncSectors,
  dataOffsetSectors,
  DEFAULT_CHUNK_KIB,
  layOutNewArray,
  memberKib,
  usableKib,
  type CreateOptions,
} from './mdadm_layout.ts'
import golden from './mdadm_layout.golden.json' with { type: 'json' }
import { arrayName, newMemberWrites, setName } from './mdadm_metadata.ts'

const OPTIONS: CreateOptions = {
  level: 5,
  raidDevices: 3,
  spareDevices: 0,
  chunkKib: undefined,
  layout: undefined,
  bitmap: 'none',
  bitmapChunkBytes: undefined,
  assumeClean: true,
  force: false,
  run: true,
  uuid: undefined,
  name: undefined,
}

/** The right side of a line of `places`, by our functions. */
function place(sectors: number, chunk: string, bitmap: string): string {
  const chunkKib = chunk === '-' ? undefined : Number(chunk)
  const dataOffset = dataOffsetSectors(sectors, chunkKib ?? DEFAULT_CHUNK_KIB)
  const usable = usableKib(sectors, dataOffset, chunkKib ?? DEFAULT_CHUNK_KIB)
  if (usable === undefined) return 'refused: too small'
  if (usable === 0) return 'refused: no space'
  const [kind, asked] = bitmap.split(':')
  const bytes = asked?.endsWith('M') ? parseInt(asked) * 1024 * 1024 : Number(asked ?? 0) * 1024
  const size = 2 * memberKib(5, [sectors], dataOffset, chunkKib ?? DEFAULT_CHUNK_KIB)
  if (kind === 'internal' && bitmapChunkBytes(size, size, bytes || undefined) === undefined)
    return 'refused: bitmap chunk'
  const array = layOutNewArray(
    {
      ...OPTIONS,
      chunkKib,
      bitmap: kind === 'internal' ? 'internal' : 'none',
      bitmapChunkBytes: bytes || undefined,
    },
    [sectors, sectors, sectors],
  )
  const bits = array.bitmap?.chunkBytes ?? '-'
  return `data ${array.dataOffset} size ${array.size} chunk ${array.chunk} bitmap ${bits} bblog ${array.members[0]?.badBlockLogOffset}`
}

describe('where everything lies, as mdadm 4.2 decides it', () => {
  test('for every device size, chunk and bitmap of the golden', () => {
    const ours = golden.places.map((line) => {
      const [asked = '', theirs] = line.split(' | ')
      const [sectors = '', chunk = '', bitmap = ''] = asked.split(' ')
      expect(theirs).toBeDefined()
      return `${asked} | ${place(Number(sectors), chunk, bitmap)}`
    })
    expect(ours).toEqual(golden.places)
    expect(ours.length).toBeGreaterThan(200)
  })

  test('the first device decides for all', () => {
    const array = layOutNewArray({ ...OPTIONS, chunkKib: 64 }, [2097152, 16384, 16384])
    expect(array.dataOffset).toBe(4096)
    expect(array.size).toBe(12288)
    expect(array.members.map((member) => member.dataSize)).toEqual([2093056, 12288, 12288])
  })

  test('a raid10 bitmap covers the array, any other the members', () => {
    expect(bitmapSyncSectors(10, 0x102, 4, 14336)).toBe(28672)
    expect(bitmapSyncSectors(5, 2, 4, 14336)).toBe(14336)
  })
})

describe('who gets which slot', () => {
  const lines = golden.slots.map((line) => {
    const [left = '', ...rest] = line.split(' | ')
    const words = left.split(' ')
    const options: CreateOptions = {
      ...OPTIONS,
      level: Number(words.find((word) => word.startsWith('-l'))?.slice(2)),
      raidDevices: Number(words.find((word) => word.startsWith('-n'))?.slice(2)),
      spareDevices: Number(words.find((word) => word.startsWith('-x'))?.slice(2) ?? 0),
      assumeClean: words.includes('--assume-clean'),
      force: words.includes('--force'),
      chunkKib: 64,
    }
    return { left, right: rest.join(' | '), options, devices: words.filter((word) => !word.startsWith('-')) }
  })

  test.each(lines)('$left', ({ right, options, devices }) => {
    const array = layOutNewArray(
      options,
      devices.map((word) => (word === '.' ? undefined : 16384)),
    )
    const name = (role: number): string => (role === ROLE_SPARE ? 'S' : String(role))
    const numbers = devices.map((_, device) => {
      const member = array.members.find((one) => one.device === device)
      return member ? `${member.devNumber}:${name(member.role)}` : '.'
    })
    const first = array.members[0]
    if (!first) throw new Error('no members')
    const superblock = written(array, first.device)
    const roles = superblock.dev_roles
      .map(name)
      .join(' ')
      .replace(/( S)+$/, '')
    const clean = superblock.resync_offset === MAX_SECTOR ? 'clean' : 'resync'
    expect(`${numbers.join(' ')} | roles ${roles} | ${clean} layout ${superblock.layout}`).toBe(right)
  })
})

const IDENTITY = { setUuid: new Uint8Array(16).fill(0x11), setName: 'h:0', seconds: 1_700_000_000 }

/** The superblock that a device of a new array gets, read back as Linux reads it. */
function written(array: ReturnType<typeof layOutNewArray>, device: number) {
  const member = array.members.find((one) => one.device === device)
  if (!member) throw new Error(`device ${device} is no member`)
  const writes = newMemberWrites(array, member, IDENTITY, new Uint8Array(16).fill(device))
  const block = new Uint8Array(4096)
  block.set(writes[0]?.bytes ?? [])
  const read = loadSuperblock(block, { minor: 2, deviceSectors: 16384 })
  if (!read.ok) throw new Error(read.message)
  return read.value
}

describe('what a member gets written', () => {
  test('one sector of superblock, then eight of bitmap, all ones behind the header', () => {
    const array = layOutNewArray({ ...OPTIONS, bitmap: 'internal', chunkKib: 64 }, [16384, 16384, 16384])
    const [member] = array.members
    if (!member) throw new Error('no members')
    const writes = newMemberWrites(array, member, IDENTITY, new Uint8Array(16))
    expect(writes.map((write) => [write.sector, write.bytes.length])).toEqual([
      [8, 512],
      [16, 4096],
    ])
    const bitmap = writes[1]?.bytes ?? new Uint8Array()
    expect(readBitmapSuper(bitmap)).toMatchObject({
      ok: true,
      value: {
        events: 0,
        events_cleared: 0,
        sync_size: 14336,
        chunksize: 64 * 1024 * 1024,
        daemon_sleep: 5,
        uuid: IDENTITY.setUuid,
      },
    })
    expect(bitmap.subarray(256).every((byte) => byte === 0xff)).toBe(true)
  })

  test('without a bitmap only the superblock', () => {
    const array = layOutNewArray(OPTIONS, [16384, 16384, 16384])
    const [member] = array.members
    if (!member) throw new Error('no members')
    expect(newMemberWrites(array, member, IDENTITY, new Uint8Array(16)).map((write) => write.sector)).toEqual([8])
    expect(written(array, 1)).toMatchObject({ feature_map: 0, events: 0, ctime: 1_700_000_000, utime: 1_700_000_000 })
  })
})

test('the name is that of the device, with the host before it if both fit', () => {
  expect(['/dev/md0', '/dev/md127', '/dev/md_home', '/dev/md/home', '/dev/mdx', '/dev/md/md0'].map(arrayName)).toEqual([
    '0',
    '127',
    'home',
    'home',
    'mdx',
    'md0',
  ])
  expect(setName('0', '(none)')).toBe('(none):0')
  expect(setName('a:b', 'host')).toBe('a:b')
  expect(setName('a'.repeat(30), 'host')).toBe('a'.repeat(30))
})
