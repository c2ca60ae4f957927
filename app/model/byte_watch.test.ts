import { expect, test } from 'vitest'
import { arrayFrame, diskFrame, frame } from '../fixtures/frames.ts'
import { ByteHistory, differences, differenceWords, matesOf, placeOf, sectorOf, sectorWords } from './byte_watch.ts'
import { Picture } from './picture.ts'

const DATA = 2048

function pictureOf(over: Parameters<typeof frame>[0] = {}): Picture {
  const picture = new Picture()
  picture.apply(frame(over), 0)
  return picture
}

test('the bytes begin where the thing that was picked is', () => {
  const cached = {
    cacheSectors: new Float64Array([DATA + 5 * 128 + 16]),
    cacheMasks: new Uint8Array([255]),
    cacheSince: new Float64Array(1),
    cacheBytes: 4096,
  }
  const disks = [diskFrame(0), diskFrame(1, cached), diskFrame(2), diskFrame(3)]
  const picture = pictureOf({
    disks,
    faults: [{ id: 3, kind: 'rot', disk: 'sdc', sector: 2100, sectors: 8, healed: 0, amount: 0 }],
  })
  expect(placeOf(picture, { kind: 'chunk', array: 'md0', stripe: 5, slot: 1 })).toEqual({
    disk: 'sdb',
    sector: DATA + 5 * 128 + 16,
  })
  expect(placeOf(picture, { kind: 'chunk', array: 'md0', stripe: 6, slot: 2 })).toEqual({
    disk: 'sdc',
    sector: DATA + 6 * 128,
  })
  expect(placeOf(picture, { kind: 'fault', fault: 3 })).toEqual({ disk: 'sdc', sector: 2100 })
  expect(placeOf(picture, { kind: 'array', array: 'md0' })).toBeUndefined()
  expect(placeOf(picture, { kind: 'chunk', array: 'md7', stripe: 0, slot: 0 })).toBeUndefined()
})

test('a bit is looked for in the sector of the bitmap that holds it, a member in its superblock', () => {
  const structures = [
    { kind: 'superblock', sector: 8, sectors: 1, count: 4 },
    { kind: 'bitmap', sector: 16, sectors: 3, count: 9000 },
  ] as const
  const picture = pictureOf()
  const bit = (chunk: number) => sectorOf(placeOf(picture, { kind: 'bit', array: 'md0', chunk })!, structures)
  expect([bit(0), bit(2047), bit(2048), bit(2048 + 4096)]).toEqual([16, 16, 17, 18])
  expect(sectorOf(placeOf(picture, { kind: 'member', array: 'md0', slot: 2 })!, structures)).toBe(8)
  expect(sectorOf(placeOf(picture, { kind: 'disk', disk: 'sda' })!, [])).toBe(0)
})

test('the same sector of another member is the same place in its data', () => {
  const members = arrayFrame().members.map((member) => (member.slot === 2 ? { ...member, dataOffset: 4096 } : member))
  const picture = pictureOf({ arrays: [arrayFrame({ members })] })
  expect(matesOf(picture, 'sda', DATA + 7).map(({ disk, sector }) => [disk, sector])).toEqual([
    ['sdb', DATA + 7],
    ['sdc', 4096 + 7],
    ['sdd', DATA + 7],
  ])
  expect(matesOf(picture, 'sda', 8).every(({ sector }) => sector === 8)).toBe(true)
  expect(matesOf(picture, 'sdz', 8)).toEqual([])
})

test('a sector is said in words', () => {
  const picture = pictureOf()
  const words = (sector: number): string => sectorWords(picture, 'sdb', sector, undefined)
  expect(words(DATA + 3 * 128 + 16)).toBe('D9 of stripe 3 · page 2 · md0 sector 1168')
  expect(words(DATA + 2 * 128)).toBe('P of stripe 2 · page 0')
  expect(words(100)).toBe('before the data')
  expect(words(DATA + 16 * 128)).toBe('behind the data')
  expect(sectorWords(picture, 'sdb', 17, { kind: 'bitmap', sector: 16, sectors: 2, count: 1 })).toBe(
    'write-intent bitmap, sector 2 of 2',
  )
})

test('what a sector held at the step before is remembered, and forgotten when time goes back', () => {
  const history = new ByteHistory()
  const bytes = (value: number): Uint8Array => new Uint8Array(4).fill(value)
  history.note('sda', 8, 10, bytes(1))
  expect(history.before('sda', 8)).toBeUndefined()
  history.note('sda', 8, 11, bytes(2))
  history.note('sda', 8, 11, bytes(2))
  expect(history.before('sda', 8)).toEqual({ steps: 10, bytes: bytes(1) })
  history.note('sda', 8, 12, bytes(3))
  expect(history.before('sda', 8)?.steps).toBe(11)
  history.note('sda', 8, 5, bytes(0))
  expect(history.before('sda', 8)).toBeUndefined()
  for (let sector = 100; sector < 200; sector++) history.note('sda', sector, 1, bytes(0))
  history.note('sda', 100, 2, bytes(1))
  expect(history.before('sda', 100)).toBeUndefined()
})

test('differences are found, and said', () => {
  const a = new Uint8Array(512)
  const b = a.slice()
  expect(differenceWords(differences(a, b))).toBe('no byte differs')
  expect(differences(a, undefined)).toEqual([])
  b.fill(1, 16, 20)
  b[200] = 1
  expect(differenceWords(differences(a, b))).toBe('5 bytes differ: 010–013, 0c8')
  for (let at = 0; at < 512; at += 2) b[at] = 9
  expect(differenceWords(differences(a, b))).toMatch(/^\d+ bytes differ: .* …$/)
})
