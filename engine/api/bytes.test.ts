import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { encodeBadBlocks } from '../format/md_badblocks.ts'
import { BITMAP_MAGIC, BITMAP_SUPER, encodeBitmapSuper } from '../format/md_bitmap_super.ts'
import { encodeSuperblock, type MdSuperblock } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { fieldsOfSector, structureAt, structuresOn, type ByteField, type SectorReader } from './bytes.ts'

const SECTORS = 4096

const SUPERBLOCK: MdSuperblock = {
  ...({} as MdSuperblock),
  magic: 0xa92b4efc,
  major_version: 1,
  feature_map: 1 | 8,
  set_uuid: new Uint8Array(16).map((_, i) => i * 17),
  set_name: 'lab:0',
  ctime: 1795068000,
  ctime_high: 0,
  level: 5,
  layout: 2,
  size: 2048,
  chunksize: 128,
  raid_disks: 4,
  bitmap_offset: 8,
  new_level: 0,
  reshape_position: 0,
  delta_disks: 0,
  new_layout: 0,
  new_chunk: 0,
  new_offset: 0,
  data_offset: 2048,
  data_size: 2048,
  super_offset: 8,
  recovery_offset: 0,
  dev_number: 0,
  cnt_corrected_read: 0,
  device_uuid: new Uint8Array(16),
  devflags: 0,
  bblog_shift: 0,
  bblog_size: 8,
  bblog_offset: 16,
  utime: 1795068000,
  utime_high: 0,
  events: 17,
  resync_offset: MAX_SECTOR,
  sb_csum: 0,
  max_dev: 128,
  dev_roles: [0, 1, 2, 0xfffe, 3, ...new Array<number>(123).fill(0xffff)],
}

function disk(over: Partial<MdSuperblock> = {}): { image: Uint8Array; read: SectorReader } {
  const image = new Uint8Array(SECTORS * 512)
  image.set(encodeSuperblock({ ...SUPERBLOCK, ...over }), 8 * 512)
  const header = BITMAP_SUPER.read(new Uint8Array(256))
  image.set(
    encodeBitmapSuper({
      ...header,
      magic: BITMAP_MAGIC,
      version: 4,
      events: 17,
      sync_size: 2048,
      chunksize: 65536,
      daemon_sleep: 5,
    }),
    16 * 512,
  )
  image[16 * 512 + 256] = 0b1010_0000
  image.set(encodeBadBlocks([{ sector: 2064, count: 8 }], 8, 0), 24 * 512)
  return { image, read: (sector, sectors) => image.subarray(sector * 512, (sector + sectors) * 512) }
}

const byName = (fields: readonly ByteField[]) => new Map(fields.map((field) => [field.name, field]))

test('superblock, bitmap and bad-block log are found, and every byte of them belongs to one field', () => {
  const { read } = disk()
  const places = structuresOn(read, SECTORS)
  expect(places).toEqual([
    { kind: 'superblock', sector: 8, sectors: 1, count: 128 },
    { kind: 'bitmap', sector: 16, sectors: 1, count: 16 },
    { kind: 'bad blocks', sector: 24, sectors: 8, count: 0 },
  ])
  for (const place of places) {
    const fields = fieldsOfSector(place, place.sector, read(place.sector, 1))
    let end = 0
    for (const { offset, size } of fields) {
      expect(offset).toBe(end)
      end += size
    }
    expect(end).toBe(512)
  }
  expect(structureAt(places, 17)).toBeUndefined()
  expect(structureAt(places, 25)?.kind).toBe('bad blocks')
})

test('values are decoded in words', () => {
  const { read } = disk()
  const [superblock, bitmap, log] = structuresOn(read, SECTORS)
  const fields = byName(fieldsOfSector(superblock, 8, read(8, 1)))
  const value = (name: string): string | undefined => fields.get(name)?.value
  expect(value('magic')).toBe('0xa92b4efc')
  expect(value('feature_map')).toBe('bitmap, bad blocks')
  expect(value('set_uuid')).toBe('00112233:44556677:8899aabb:ccddeeff')
  expect(value('set_name')).toBe('lab:0')
  expect(value('level')).toBe('raid5')
  expect(value('layout')).toBe('2 (left-symmetric)')
  expect(value('size')).toBe('2048 (1 MiB)')
  expect(value('resync_offset')).toBe('all ones: in sync')
  expect(value('sb_csum')).toMatch(/\(right\)$/)
  expect(value('utime')).toMatch(/2026$/)
  expect([value('role 0'), value('role 3'), value('role 4'), value('role 5')]).toEqual([
    'slot 0',
    'faulty',
    'slot 3',
    'spare or none',
  ])
  expect(fields.get('events')).toMatchObject({ offset: 200, size: 8, kind: 'u64', meaning: 'state', value: '17' })
  const bits = byName(fieldsOfSector(bitmap, 16, read(16, 1)))
  expect(bits.get('bits 0')).toMatchObject({ offset: 256, value: 'set: 5, 7', index: 0 })
  expect(bits.get('bits 8')?.value).toBe('clear')
  expect(bits.has('bits 16')).toBe(false)
  expect(bits.get('chunksize')?.value).toBe('65536 (64 KiB)')
  const entries = byName(fieldsOfSector(log, 24, read(24, 1)))
  expect(entries.get('entry 0')?.value).toBe('2064+8')
  expect(entries.get('entry 1')?.value).toBe('end of the list')
  expect(fieldsOfSector(log, 25, read(25, 1)).map(({ value: said }) => said)[0]).toBe('end of the list')
})

test('a damaged superblock is still shown, and its checksum said to be wrong', () => {
  const { image, read } = disk()
  image[8 * 512 + 200] ^= 1
  const [place] = structuresOn(read, SECTORS)
  const fields = byName(fieldsOfSector(place, 8, read(8, 1)))
  expect(fields.get('events')?.value).toBe('16')
  expect(fields.get('sb_csum')?.value).toMatch(/\(wrong: 0x[0-9a-f]{8}\)$/)
})

test('roles go on in the next sector', () => {
  const { read } = disk({ max_dev: 384, dev_roles: new Array<number>(384).fill(0xffff), bitmap_offset: 8 })
  const [place] = structuresOn(read, SECTORS)
  expect(place).toMatchObject({ sectors: 2, count: 384 })
  const fields = fieldsOfSector(place, 9, read(9, 1))
  expect([fields[0].name, fields.at(-1)?.name]).toEqual(['role 128', 'role 383'])
})

test('nothing is found where nothing is, and nonsense is not believed', () => {
  const nothing = new Uint8Array(SECTORS * 512)
  const read = (sector: number, sectors: number): Uint8Array => nothing.subarray(sector * 512, (sector + sectors) * 512)
  expect(structuresOn(read, SECTORS)).toEqual([])
  expect(structuresOn(() => new Uint8Array(0), 4)).toEqual([])
  const { image, read: readDisk } = disk()
  new DataView(image.buffer).setUint32(16 * 512 + 52, 0, true)
  expect(structuresOn(readDisk, SECTORS).map(({ kind }) => kind)).not.toContain('bitmap')
  expect(structuresOn(disk({ bblog_offset: 1 << 20 }).read, SECTORS).map(({ kind }) => kind)).not.toContain(
    'bad blocks',
  )
})

test('superblocks that Linux wrote are found where it wrote them, with a checksum that is right', () => {
  const { images } = JSON.parse(
    readFileSync(new URL('../format/md_superblock.golden.json', import.meta.url), 'utf8'),
  ) as { images: { name: string; deviceSectors: number; superSector: number; super: string }[] }
  for (const { name, deviceSectors, superSector, super: text } of images) {
    const block = new Uint8Array(4096)
    block.set(Buffer.from(text, 'base64').subarray(0, 4096))
    const read: SectorReader = (sector, sectors) =>
      sector === superSector ? block.subarray(0, sectors * 512) : new Uint8Array(sectors * 512)
    const [place] = structuresOn(read, deviceSectors)
    expect([name, place?.sector]).toEqual([name, superSector])
    const fields = byName(fieldsOfSector(place, superSector, block.subarray(0, 512)))
    if (place.sectors === 1)
      expect([name, fields.get('sb_csum')?.value]).toEqual([name, expect.stringMatching(/right/)])
  }
})
