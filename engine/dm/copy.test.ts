import { expect, test } from 'vitest'
import { FUA, PREFLUSH, READ, WRITE } from '../block/bio.ts'
import { Chance } from '../sim/chance.ts'
import { DmFixture } from './fixture.ts'
import { SuspendOperation } from './suspend.ts'

/** Every kind of target, two floors high, with bios under way everywhere. */
function busyWorld(seed: number): DmFixture {
  const world = new DmFixture(seed)
  for (const name of ['a', 'b', 'c']) world.disk(name, 1000, 'ssd')
  world.make('low', '0 40 linear /dev/a 0\n40 36 striped 3 4 /dev/a 100 /dev/b 0 /dev/c 0\n76 20 delay /dev/b 100 3')
  const dust = world.make('dust', '0 40 dust /dev/c 100 4096')
  world.message(dust, 'enable')
  world.message(dust, 'addbadblock 15')
  const table =
    '0 96 flakey /dev/mapper/low 0 1 1 5 corrupt_bio_byte 1 r 7 0\n96 40 linear /dev/mapper/dust 0\n136 8 error'
  const top = world.make('top', table)
  const chance = new Chance(seed, 'copy test')
  const data = world.sim.memory.allocateZeroed(144 * 512)
  for (let i = 0; i < 30; i++) {
    const at = chance.below(144)
    const flags = (chance.below(3) === 0 ? PREFLUSH : 0) | (chance.below(3) === 0 ? FUA : 0)
    const op = chance.below(2) === 0 ? READ : WRITE
    world.submit(top, op, at, 1 + chance.below(144 - at), data, op === READ ? 0 : flags, i)
  }
  const low = world.dm.find('low')
  if (low !== undefined) new SuspendOperation(low).resume()
  return world
}

/** What comes of a world: the rest of its trace, how its bios end, and what is on its disks. */
function future(world: DmFixture): unknown {
  const low = world.dm.find('low')
  world.sim.run(Infinity, 200)
  if (low !== undefined && low.suspended) world.resume(low)
  world.drain()
  const disks = world.disks.map((disk) => {
    disk.cache.writeBack(world.sim.memory, disk.media)
    const bytes = new Uint8Array(disk.media.sizeBytes)
    disk.media.read(0, bytes, 0, bytes.length)
    return checksum(bytes)
  })
  return { ended: world.log.ended, trace: checksum(world.sim.trace.ring), now: world.sim.now, disks }
}

function checksum(numbers: Iterable<number>): number {
  let sum = 7
  for (const value of numbers) sum = (sum * 31 + value) % 1_000_000_007
  return sum
}

test.each(Array.from({ length: 24 }, (_, seed) => seed))('a copy goes on as the original does, seed %i', (seed) => {
  const world = busyWorld(seed)
  world.sim.run(Infinity, seed * 7)
  const copy = world.copy()
  const early = world.log.ended.length
  const again = future(copy)
  expect(world.log.ended).toHaveLength(early)
  expect(future(world)).toEqual(again)
  expect(world.log.ended).toHaveLength(30)
})
