import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imagePath, unpackDisks } from './disks.ts'
import { ranges, readMember } from './member.ts'
import type { Member } from './member.ts'
import { SCRIPTS } from './suite.ts'

/** Images of the real kernel, made by the scripts beside them. */
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'members-'))
  for (const name of ['cut_kernel_writes', 'cut_kernel_rebuild']) {
    unpackDisks(join(SCRIPTS, `${name}.cut.golden.gz`), join(folder, name))
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function image(name: string, disk: string): Buffer {
  return readFileSync(imagePath(join(folder, name), disk))
}

function member(name: string, disk: string): Member {
  return readMember(image(name, disk))!
}

test("members of the kernel's own: dirty, with the bits of what was being written", () => {
  const a = member('cut_kernel_writes', 'a')
  expect(a.superblock).toMatchObject({
    major_version: 1,
    feature_map: 1,
    level: 5,
    layout: 2,
    size: 6144,
    chunksize: 128,
    raid_disks: 4,
    bitmap_offset: 8,
    data_offset: 2048,
    super_offset: 8,
    dev_number: 0,
    resync_offset: 0,
    max_dev: 128,
    checksum: 'correct',
  })
  expect(a.roles).toBe('0 1 2 3')
  expect(a.bitmap!.header).toMatchObject({
    magic: 'bitm',
    version: 4,
    sync_size: 6144,
    chunksize: 65536,
    daemon_sleep: 5,
  })
  expect(a.bitmap!.bits).not.toBe('')
  const d = member('cut_kernel_writes', 'd')
  expect({ ...d, superblock: { ...d.superblock, dev_number: 0 } }).toEqual(a)
})

test('a member that was being rebuilt says how far, one that was removed is behind', () => {
  const e = member('cut_kernel_rebuild', 'e')
  expect(e.superblock).toMatchObject({ feature_map: 3, dev_number: 4, resync_offset: 'none' })
  expect(e.superblock['recovery_offset']).toBeGreaterThan(0)
  expect(e.roles).toBe('0 spare 2 3 1')
  const b = member('cut_kernel_rebuild', 'b')
  expect(b.array).toBe(e.array)
  expect(b.events).toBeLessThan(e.events)
  expect(b.roles).toBe('0 1 2 3')
})

test('a changed byte is found by the checksum, and what is no superblock is none', () => {
  const bytes = image('cut_kernel_writes', 'a')
  bytes[4096 + 256] = 9
  expect(readMember(bytes)!.superblock).toMatchObject({ checksum: 'wrong' })
  expect(readMember(bytes)!.roles).toBe('9 1 2 3')
  bytes[4096] = 0
  expect(readMember(bytes)).toBeNull()
  expect(readMember(image('cut_kernel_writes', 'src'))).toBeNull()
  expect(readMember(new Uint8Array(512))).toBeNull()
})

test('a bad-block log is read when the feature says that there is one', () => {
  const bytes = image('cut_kernel_writes', 'a')
  const log = new DataView(bytes.buffer, bytes.byteOffset + 4096 + 16 * 512)
  log.setBigUint64(0, (2100n << 10n) | 8n, true)
  log.setBigUint64(8, 0xffffffffffffffffn, true)
  expect(readMember(bytes)!.badBlocks).toEqual([])
  bytes[4096 + 8] = 9
  expect(readMember(bytes)!.badBlocks).toEqual(['2100+8'])
})

test('ranges', () => {
  expect(ranges([])).toBe('')
  expect(ranges([3])).toBe('3')
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2 5 7-8')
})
