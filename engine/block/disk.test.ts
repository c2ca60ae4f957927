import { expect, test } from 'vitest'
import { PlainArena } from '../base/arena.ts'
import { sameBytes } from '../base/bytes.ts'
import { Memory } from '../base/memory.ts'
import { Chance } from '../sim/chance.ts'
import { Sim } from '../sim/sim.ts'
import { Bio, DISCARD, FLUSH, FUA, READ, WRITE, type BioOwner, type Op, type Status } from './bio.ts'
import { Disk } from './disk.ts'
import { DISK_MODELS, type DiskModelName } from './disk_model.ts'
import { Media } from './media.ts'
import { losePower } from './power_loss.ts'
import { PowerSwitch } from './power_switch.ts'

const SECTORS = 2048

class Bench implements BioOwner {
  readonly sim = new Sim(7, new Memory(new PlainArena(8 << 20)))
  readonly media = new Media(SECTORS * 512)
  readonly power = new PowerSwitch()
  readonly disk: Disk
  readonly ended: Bio[] = []

  constructor(model: DiskModelName) {
    this.disk = new Disk(this.sim, 'a', 0, DISK_MODELS[model], this.media, this.power)
  }

  bioDone(bio: Bio): void {
    this.ended.push(bio)
  }

  begin(op: Op, sector: number, bytes: Uint8Array, flags = 0): Bio {
    const { memory } = this.sim
    const data = bytes.length === 0 ? 0 : memory.allocate(bytes.length)
    if (op === WRITE) memory.bytes.set(bytes, data)
    const bio = new Bio(this.sim, this, op, flags, sector, bytes.length / 512, data, 0)
    this.disk.submit(bio)
    return bio
  }

  do(op: Op, sector: number, bytes: Uint8Array, flags = 0): Status {
    const bio = this.begin(op, sector, bytes, flags)
    while (!this.ended.includes(bio)) expect(this.sim.run(Infinity, 1)).toBe(1)
    if (op === READ) bytes.set(this.sim.memory.bytes.subarray(bio.data, bio.data + bytes.length))
    return bio.status
  }

  onMedia(sector: number, sectors: number): Uint8Array {
    const bytes = new Uint8Array(sectors * 512)
    this.media.read(sector * 512, bytes, 0, bytes.length)
    return bytes
  }
}

const filled = (sectors: number, value: number): Uint8Array => new Uint8Array(sectors * 512).fill(value)
const NOTHING = new Uint8Array(0)

test.each(['ideal', 'ssd', 'hdd'] as const)('%s: reads see the newest write, wherever it is', (model) => {
  const bench = new Bench(model)
  const shadow = new Uint8Array(SECTORS * 512)
  const chance = new Chance(3, model)
  for (let i = 0; i < 300; i++) {
    const sectors = 1 + chance.below(chance.below(6) === 0 ? 300 : 20)
    const sector = chance.below(SECTORS - sectors)
    const bytes = new Uint8Array(sectors * 512)
    if (chance.below(3) > 0) {
      chance.fill(bytes)
      expect(bench.do(WRITE, sector, bytes, chance.below(5) === 0 ? FUA : 0)).toBe('OK')
      shadow.set(bytes, sector * 512)
    } else if (chance.below(6) === 0) {
      expect(bench.do(FLUSH, 0, NOTHING)).toBe('OK')
    } else {
      expect(bench.do(READ, sector, bytes)).toBe('OK')
      expect(sameBytes(bytes, shadow.subarray(sector * 512, (sector + sectors) * 512))).toBe(true)
    }
  }
  bench.do(FLUSH, 0, NOTHING)
  expect(sameBytes(bench.onMedia(0, SECTORS), shadow)).toBe(true)
})

test('a write is on the medium after a flush, and not before; a FUA write when it is acknowledged', () => {
  const bench = new Bench('ideal')
  bench.do(WRITE, 8, filled(8, 1))
  expect(bench.onMedia(8, 8)).toEqual(filled(8, 0))
  bench.do(FLUSH, 0, NOTHING)
  expect(bench.onMedia(8, 8)).toEqual(filled(8, 1))
  bench.do(WRITE, 16, filled(1, 2), FUA)
  expect(bench.onMedia(16, 1)).toEqual(filled(1, 2))
})

test('FUA on a disk without it is two steps, with it one', () => {
  const steps = (model: DiskModelName): number => {
    const bench = new Bench(model)
    bench.do(WRITE, 0, filled(1, 1), FUA)
    return bench.sim.steps
  }
  expect([steps('ideal'), steps('ssd')]).toEqual([2, 1])
})

test('a power cut keeps none, all, or some sectors of what was not flushed, never anything else', () => {
  for (const keep of ['none', 'all', 'random'] as const) {
    let old = 0
    let fresh = 0
    for (let seed = 0; seed < 40; seed++) {
      const bench = new Bench('ideal')
      bench.do(WRITE, 0, filled(64, 1))
      bench.do(FLUSH, 0, NOTHING)
      bench.do(WRITE, 0, filled(32, 2))
      bench.begin(WRITE, 32, filled(16, 2))
      losePower(bench.disk, bench.sim.memory, keep, new Chance(seed, 'cut'))
      const after = bench.onMedia(0, 64)
      for (let sector = 0; sector < 64; sector++) {
        const bytes = after.subarray(sector * 512, (sector + 1) * 512)
        const value = bytes[0]
        expect(bytes.every((byte) => byte === value)).toBe(true)
        if (sector >= 48) expect(value).toBe(1)
        else if (value === 1) old++
        else if (value === 2) fresh++
        else expect(value).toBe('old or new')
      }
    }
    if (keep === 'none') expect(fresh).toBe(0)
    else if (keep === 'all') expect(old).toBe(0)
    else expect(Math.min(old, fresh)).toBeGreaterThan(100)
  }
})

test('an armed cut falls when the N-th write is acknowledged, and its owner never hears of it', () => {
  const bench = new Bench('ideal')
  bench.power.writesLeft = 2
  expect(bench.do(WRITE, 0, filled(1, 1))).toBe('OK')
  const last = bench.begin(WRITE, 1, filled(1, 1))
  bench.sim.run(Infinity, 10)
  expect(bench.power.cutNow).toBe(true)
  expect(bench.ended).not.toContain(last)
})

test('latent sectors fail reads until they are written; rot changes reads until rewritten; lifting shows pristine bytes', () => {
  const bench = new Bench('ideal')
  bench.do(WRITE, 0, filled(16, 5))
  bench.do(FLUSH, 0, NOTHING)
  const { list } = bench.disk.faults
  list.push({ id: 1, kind: 'latent', disk: 'a', sector: 3, sectors: 2, healed: new Set(), amount: 0 })
  list.push({ id: 2, kind: 'rot', disk: 'a', sector: 10, sectors: 1, healed: new Set(), amount: 0 })
  expect(bench.do(READ, 0, filled(8, 0))).toBe('EIO')
  expect(bench.do(READ, 5, filled(2, 0))).toBe('OK')
  bench.do(WRITE, 3, filled(2, 6))
  expect(bench.do(READ, 0, filled(8, 0))).toBe('OK')
  const rotten = filled(1, 0)
  bench.do(READ, 10, rotten)
  expect(rotten).not.toEqual(filled(1, 5))
  const again = filled(1, 0)
  bench.do(READ, 10, again)
  expect(again).toEqual(rotten)
  list.pop()
  bench.do(READ, 10, again)
  expect(again).toEqual(filled(1, 5))
})

test('a pulled disk fails what is under way and what comes; a discard works only where the model has it', () => {
  const bench = new Bench('ssd')
  bench.do(WRITE, 0, filled(8, 1))
  expect(bench.do(DISCARD, 0, filled(8, 0))).toBe('OK')
  const zeros = filled(8, 9)
  bench.do(READ, 0, zeros)
  expect(zeros).toEqual(filled(8, 0))
  const caught = bench.begin(WRITE, 0, filled(8, 2))
  bench.disk.pull()
  while (!bench.ended.includes(caught)) bench.sim.run(Infinity, 1)
  expect(caught.status).toBe('EIO')
  expect(bench.do(READ, 0, filled(8, 0))).toBe('EIO')
  expect(new Bench('ideal').do(DISCARD, 0, filled(8, 0))).toBe('EOPNOTSUPP')
})
