import { expect, test } from 'vitest'
import { FUA, PREFLUSH } from '../block/bio.ts'
import { Chance } from '../sim/chance.ts'
import { DmFixture } from './fixture.ts'
import type { MappedDevice } from './mapped_device.ts'

/** What a flat device would hold: a byte for each sector, or null where every I/O fails. */
type Shadow = (number | null)[]

const DISK_SECTORS = 2000

/** A table of random targets without overlap below, and its shadow. */
function randomTable(chance: Chance, free: number[]): { table: string; shadow: Shadow } {
  const lines: string[] = []
  const shadow: Shadow = []
  const take = (disk: number, sectors: number): string => {
    const start = free[disk]
    free[disk] += sectors
    return `/dev/${'abc'[disk]} ${start}`
  }
  for (let i = 1 + chance.below(5); i > 0; i--) {
    const begin = shadow.length
    let sectors = 1 + chance.below(60)
    let type: string
    let bytes: number | null = 0
    switch (chance.below(5)) {
      case 0: {
        const [stripes, chunk, rows] = [1 + chance.below(3), 1 + chance.below(9), 1 + chance.below(4)]
        sectors = stripes * chunk * rows
        const parts = Array.from({ length: stripes }, (_, disk) => take(disk, chunk * rows))
        type = `striped ${stripes} ${chunk} ${parts.join(' ')}`
        break
      }
      case 1: {
        sectors = Math.max(sectors, 8)
        type = `dust ${take(chance.below(3), sectors)} ${512 << chance.below(4)}`
        break
      }
      case 2:
        bytes = null
        type = 'error'
        break
      case 3:
        type = `delay ${take(chance.below(3), sectors)} ${chance.below(3)}`
        break
      default:
        type = `linear ${take(chance.below(3), sectors)}`
    }
    lines.push(`${begin} ${sectors} ${type}`)
    for (let sector = 0; sector < sectors; sector++) shadow.push(bytes)
  }
  return { table: lines.join('\n'), shadow }
}

function step(world: DmFixture, device: MappedDevice, shadow: Shadow, chance: Chance): void {
  const at = chance.below(shadow.length)
  const sectors = 1 + chance.below(shadow.length - at)
  const fails = shadow.slice(at, at + sectors).includes(null)
  if (chance.below(2) === 0) {
    const byte = chance.below(256)
    const flags = (chance.below(4) === 0 ? PREFLUSH : 0) | (chance.below(4) === 0 ? FUA : 0)
    expect(world.write(device, at, sectors, byte, flags)).toBe(fails ? 'EIO' : 'OK')
    for (let i = at; i < at + sectors; i++) if (shadow[i] !== null) shadow[i] = byte
  } else {
    expect(world.read(device, at, sectors)).toEqual(fails ? 'EIO' : shadow.slice(at, at + sectors))
  }
}

test.each(Array.from({ length: 60 }, (_, seed) => seed))('random tables behave as one flat device, seed %i', (seed) => {
  const world = new DmFixture(seed)
  const chance = new Chance(seed, 'split test')
  for (const name of ['a', 'b', 'c']) world.disk(name, DISK_SECTORS)
  const { table, shadow } = randomTable(chance, [0, 0, 0])
  let device = world.make('x', table)
  if (chance.below(2) === 0) {
    const cut = 1 + chance.below(shadow.length)
    const last = shadow.length - cut
    const upper = `0 ${cut} linear /dev/mapper/x 0` + (last > 0 ? `\n${cut} ${last} linear 253:0 ${cut}` : '')
    device = world.make('y', upper)
  }
  for (let i = 0; i < 40; i++) step(world, device, shadow, chance)
  for (const [sector, byte] of shadow.entries()) {
    expect(world.read(device, sector, 1)).toEqual(byte === null ? 'EIO' : [byte])
  }
  expect(device.inflight).toBe(0)
})
