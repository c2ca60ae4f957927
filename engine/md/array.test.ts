import { expect, test } from 'vitest'
import { sameBytes } from '../base/bytes.ts'
import { Chance } from '../sim/chance.ts'
import { TestArray } from './fixture.ts'
import { addMember, failMember, removeMember } from './hot_plug.ts'
import { StopArray } from './stop_array.ts'

/** Random writes, each also to a flat copy. */
function scribble(test: TestArray, shadow: Uint8Array, chance: Chance, count: number): void {
  const size = test.array.sectors
  for (let i = 0; i < count; i++) {
    const sector = chance.below(size)
    const length = Math.min(size - sector, 1 + chance.below(chance.below(4) === 0 ? 1000 : 16))
    const bytes = new Uint8Array(length * 512)
    chance.fill(bytes)
    expect(test.write(sector, bytes)).toBe('OK')
    shadow.set(bytes, sector * 512)
  }
}

const SHAPES = [0, 1, 2, 3, 4, 5].flatMap((layout) => [3, 4, 5].map((disks) => ({ layout, disks })))

test.each(SHAPES)('layout $layout on $disks disks: whole, degraded, re-added and checked', ({ layout, disks }) => {
  const x = new TestArray({ disks, layout, noise: true, force: true })
  x.settle()
  const shadow = x.readAll()
  const chance = new Chance(layout * 10 + disks, 'scribble')
  scribble(x, shadow, chance, 60)
  expect(sameBytes(x.readAll(), shadow)).toBe(true)
  expect(x.check()).toBe(0)

  const [, victim] = x.disks
  expect(failMember(x.array, victim).ok).toBe(true)
  x.settle()
  expect(x.md.mdstat()).toMatch(/b\[1\]\(F\)/)
  scribble(x, shadow, chance, 40)
  expect(sameBytes(x.readAll(), shadow)).toBe(true)

  x.settle()
  expect(removeMember(x.array, victim).ok).toBe(true)
  x.settle()
  expect(addMember(x.array, victim, x.superblock(victim), true).ok).toBe(true)
  x.settle()
  expect(x.array.degraded).toBe(0)
  expect(sameBytes(x.readAll(), shadow)).toBe(true)
  expect(x.check()).toBe(0)
})

const RAID6_LAYOUTS = [0, 1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 18, 19, 20]

test.each(RAID6_LAYOUTS)(
  'raid6, layout %i: whole, without any one, without any two, re-added and checked',
  (layout) => {
    const disks = 4 + (layout % 3)
    const x = new TestArray({ level: 6, disks, layout, noise: true })
    x.settle()
    const shadow = x.readAll()
    const chance = new Chance(layout, 'scribble')
    scribble(x, shadow, chance, 40)
    expect(sameBytes(x.readAll(), shadow)).toBe(true)
    expect(x.check()).toBe(0)

    const victims = [x.disks[layout % disks], x.disks[(layout + 1 + (layout % (disks - 1))) % disks]]
    for (const victim of victims) {
      expect(failMember(x.array, victim).ok).toBe(true)
      x.settle()
      scribble(x, shadow, chance, 30)
      expect(sameBytes(x.readAll(), shadow)).toBe(true)
    }
    for (const victim of victims) {
      expect(removeMember(x.array, victim).ok).toBe(true)
      x.settle()
      expect(addMember(x.array, victim, x.superblock(victim), true).ok).toBe(true)
      x.settle()
      expect(sameBytes(x.readAll(), shadow)).toBe(true)
    }
    expect(x.array.degraded).toBe(0)
    expect(x.check()).toBe(0)
  },
)

test('the bitmap of a resting array becomes clear, and stopping gives every page back', () => {
  const x = new TestArray({ disks: 4, assumeClean: true })
  x.settle()
  expect(x.write(0, new Uint8Array(4096))).toBe('OK')
  x.sim.run(x.sim.now + 40e9, 1e6)
  expect(x.array.bitmap?.counters.every((counter) => counter === 0)).toBe(true)
  const stop = new StopArray(x.md, x.array)
  stop.resume()
  x.runUntil(() => x.md.arrays.length === 0)
  for (const disk of x.disks) disk.cache.writeBack(x.sim.memory, disk.media)
  expect(x.sim.memory.usedPages).toBe(0)
})

test('a second failure breaks the array honestly: what needs the missing ends with EIO, the rest is served', () => {
  const x = new TestArray({ disks: 4, assumeClean: true })
  x.settle()
  expect(failMember(x.array, x.disks[0]).ok).toBe(true)
  x.settle()
  const second = failMember(x.array, x.disks[1])
  expect(second.ok ? '' : second.errno).toBe('EBUSY')
  x.settle()
  const statuses = new Set<string>()
  for (let at = 0; at < 128 * 12; at += 128) statuses.add(x.read(at, new Uint8Array(4096)))
  expect([...statuses].sort()).toEqual(['EIO', 'OK'])
  expect(x.write(0, new Uint8Array(4096))).toBe('EIO')
})
