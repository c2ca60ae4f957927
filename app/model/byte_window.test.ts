import { expect, test } from 'vitest'
import { byteAt, ByteWindow } from './byte_window.ts'
import type { Peeked } from './engine_port.ts'

/** A disk on which each byte is the number of its sector; what was asked, and what answers. */
function fixture() {
  const asked: [string, number, number][] = []
  let arrived = 0
  const window = new ByteWindow(
    (disk, sector, sectors): Promise<Peeked> => {
      asked.push([disk, sector, sectors])
      const newest = Uint8Array.from({ length: sectors * 512 }, (_, i) => sector + Math.floor(i / 512))
      const media = newest.slice()
      media[3] = 255
      const isCached = Uint8Array.from({ length: sectors }, (_, i) => (i === 0 ? 1 : 0))
      return Promise.resolve({ sector, media, newest, isCached, steps: 1, diskSectors: 4096, structures: [] })
    },
    () => arrived++,
  )
  return { asked, window, arrived: () => arrived }
}

test('only what is seen is asked for, and only when it is not known', async () => {
  const { asked, window, arrived } = fixture()
  window.want([{ disk: 'a', sector: 100, sectors: 4 }], 1, 0)
  window.want([{ disk: 'a', sector: 100, sectors: 4 }], 1, 16)
  await Promise.resolve()
  expect(asked).toEqual([['a', 100, 4]])
  expect(arrived()).toBe(1)
  window.want([{ disk: 'a', sector: 101, sectors: 2 }], 1, 5000)
  expect(asked.length).toBe(1)
  window.want([{ disk: 'a', sector: 103, sectors: 4 }], 1, 5000)
  expect(asked.length).toBe(2)
})

test('while time goes on they are asked for again, now and then', async () => {
  const { asked, window } = fixture()
  const wish = [{ disk: 'a', sector: 0, sectors: 1 }]
  window.want(wish, 1, 0)
  await Promise.resolve()
  window.want(wish, 2, 50)
  expect(asked.length).toBe(1)
  window.want(wish, 3, 130)
  expect(asked.length).toBe(2)
})

test('a byte knows whether the medium has another', async () => {
  const { window } = fixture()
  window.want([{ disk: 'a', sector: 7, sectors: 2 }], 1, 0)
  await Promise.resolve()
  const bytes = window.of('a')
  expect(byteAt(bytes, 7 * 512)).toEqual({ value: 7, isNewer: false, isCached: true })
  expect(byteAt(bytes, 7 * 512 + 3)).toEqual({ value: 7, isNewer: true, isCached: true })
  expect(byteAt(bytes, 8 * 512)).toEqual({ value: 8, isNewer: false, isCached: false })
  expect(byteAt(bytes, 6 * 512)).toBeUndefined()
  expect(byteAt(bytes, 9 * 512)).toBeUndefined()
  window.want([], 1, 0)
  expect(window.of('a')).toBeUndefined()
})
