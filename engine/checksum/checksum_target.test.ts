import { describe, expect, test } from 'vitest'
import { DmFixture } from '../dm/fixture.ts'
import { DM_REGISTRY } from '../dm/target.ts'
import { CHECKSUM_MODES, CHECKSUM_PROMISES } from './checksum_modes.ts'
import { CHECKSUM_TARGETS } from './targets.ts'

DM_REGISTRY.learn(CHECKSUM_TARGETS)

function world(): DmFixture {
  const fixture = new DmFixture()
  fixture.disk('sda', 64)
  fixture.disk('sdb', 512)
  fixture.disk('sdc', 256)
  return fixture
}

function refusal(fixture: DmFixture, table: string, length = 64): string {
  const device = fixture.dm.create(`t${fixture.dm.all().length}`)
  if (!device.ok) throw new Error(device.message)
  return fixture.load(device.value, `0 ${length} checksum ${table}`)?.message ?? 'taken'
}

test.each([
  ['/dev/sda', /wants DATA META ALGORITHM MODE/],
  ['/dev/sda /dev/sdb md5 dual', /one of crc32c, sha256, not md5/],
  ['/dev/sda /dev/sdb crc32c twice', /one of none, rebuild, dual, journal, not twice/],
  ['/dev/sda /dev/sda crc32c dual', /data and sums need two devices/],
  ['/dev/sda /dev/sdd crc32c dual', /no device/],
  ['/dev/sda /dev/sdb crc32c dual order', /order lacks its value/],
  ['/dev/sda /dev/sdb crc32c dual order last', /one of checksum_first, data_first, no_barrier/],
  ['/dev/sda /dev/sdb crc32c none order data_first', /order is for mode dual, not for none/],
  ['/dev/sda /dev/sdb crc32c dual journal /dev/sdc', /journal is for mode journal/],
  ['/dev/sda /dev/sdb crc32c journal journal_sectors 10', /from 192 to/],
  ['/dev/sda /dev/sdb crc32c dual batch 0', /batch must be a number from 1 to 256/],
  ['/dev/sda /dev/sdb crc32c dual colour blue', /no option colour; there are journal DEVICE/],
  ['/dev/sda /dev/sdb crc32c journal journal_sectors 512', /sectors 16 to 527 of \/dev\/sdb were asked for/],
  ['/dev/sda /dev/sdb sha256 journal journal /dev/sdc journal_sectors 256', /taken/],
])('%s', (table, why) => {
  expect(refusal(world(), table)).toMatch(why)
})

describe('a superblock', () => {
  const made = (table: string): DmFixture => {
    const fixture = world()
    fixture.remove(fixture.make('c', `0 64 checksum ${table}`))
    return fixture
  }

  test('says what the sums are of', () => {
    const fixture = made('/dev/sda /dev/sdb crc32c dual')
    expect(refusal(fixture, '/dev/sda /dev/sdb sha256 dual')).toContain('the sums are crc32c, not sha256')
    expect(refusal(fixture, '/dev/sda /dev/sdb crc32c dual', 32)).toContain('sums of 64 sectors, not of 32')
    // It was shut down: any mode may go on.
    for (const mode of CHECKSUM_MODES)
      expect(
        refusal(fixture, `/dev/sda /dev/sdb crc32c ${mode} ${mode === 'journal' ? 'journal_sectors 192' : ''}`),
      ).toBe('taken')
  })

  test.each([
    [0, 'holds something else'],
    [8, 'does not fit its checksum'],
    [60, 'does not fit its checksum'],
    [31, 'data_sectors is no number'],
  ])('with byte %i spoilt is refused: %s', (at, why) => {
    const fixture = made('/dev/sda /dev/sdb crc32c dual')
    fixture.flush(fixture.disks[1])
    const bytes = new Uint8Array(512)
    fixture.disks[1].media.read(0, bytes, 0, 512)
    bytes[at] ^= 0x80
    fixture.disks[1].media.write(0, bytes, 0, 512)
    expect(refusal(fixture, '/dev/sda /dev/sdb crc32c dual')).toContain(why)
  })

  test('of a device in use holds to its mode, and to its journal', () => {
    const fixture = world()
    fixture.make('c', '0 64 checksum /dev/sda /dev/sdb crc32c journal journal_sectors 192')
    const other = fixture.dm.create('x')
    if (!other.ok) throw new Error(other.message)
    // The same device may be given another table while it is in use; what would not be found after a crash is refused.
    const device = fixture.dm.find('c')
    if (device === undefined) throw new Error('no device c')
    const load = (words: string): string =>
      fixture.load(device, `0 64 checksum /dev/sda /dev/sdb crc32c ${words}`)?.message ?? 'taken'
    expect(load('dual')).toContain('was not shut down in mode journal')
    expect(load('journal journal_sectors 256')).toContain('its journal has 192 sectors from 16 on')
    expect(load('journal journal_sectors 192')).toBe('taken')
  })
})

test('messages', () => {
  const fixture = world()
  const device = fixture.make('c', '0 64 checksum /dev/sda /dev/sdb crc32c rebuild')
  expect(fixture.message(device, 'promise')).toBe(CHECKSUM_PROMISES.rebuild)
  expect(fixture.message(device, 'scrub')).toBe('64 sectors, 0 match no sum')
  expect(fixture.message(device, 'sums 3')).toMatch(/^new [0-9a-f]{8} old -$/)
  for (const text of ['sums', 'sums 64', 'sums x', 'scrub now', 'polish']) {
    expect(fixture.message(device, text), text).toMatchObject({ ok: false, errno: 'EINVAL' })
  }
  fixture.suspend(device)
  expect(fixture.message(device, 'scrub')).toMatchObject({ ok: false, errno: 'EAGAIN' })
})

test('a read that matches no sum fails, and is counted; the sector is well when it is written again', () => {
  const fixture = world()
  const device = fixture.make('c', '0 64 checksum /dev/sda /dev/sdb sha256 dual')
  fixture.disks[0].media.write(7 * 512, new Uint8Array(512).fill(1), 0, 512)
  expect(fixture.read(device, 6, 1)).toEqual([0])
  expect(fixture.read(device, 4, 8)).toBe('EILSEQ')
  expect(device.active?.targets[0].status()).toBe('1 64 dual sha256 formatted')
  expect(fixture.write(device, 7, 1, 9)).toBe('OK')
  expect(fixture.read(device, 4, 4)).toEqual([0, 0, 0, 9])
})

test('with the metadata device gone, writes fail before any data is written', () => {
  const fixture = world()
  const device = fixture.make('c', '0 64 checksum /dev/sda /dev/sdb crc32c dual')
  fixture.disks[1].pull()
  const before = fixture.disks[0].stat.writes
  expect(fixture.write(device, 3, 1, 9)).toBe('EIO')
  expect(fixture.disks[0].stat.writes).toBe(before)
})
