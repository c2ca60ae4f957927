/** Blocks that are in a buffer cache: held and released, against a bare look into a map with as many entries. */
import { PlainArena } from '../../engine/base/arena.ts'
import { Memory } from '../../engine/base/memory.ts'
import { Devices } from '../../engine/block/devices.ts'
import { Disk } from '../../engine/block/disk.ts'
import { DISK_MODELS } from '../../engine/block/disk_model.ts'
import { Media } from '../../engine/block/media.ts'
import { PowerSwitch } from '../../engine/block/power_switch.ts'
import { bufioOf } from '../../engine/bufio/bufio_memory.ts'
import { BufioClient } from '../../engine/bufio/client.ts'
import { DeviceMapper } from '../../engine/dm/device_mapper.ts'
import { Chance } from '../../engine/sim/chance.ts'
import { Sim } from '../../engine/sim/sim.ts'
import type { Row } from './bench.ts'
import { measureByTurns } from './measure.ts'

const BLOCKS = 2048
const BLOCK_BYTES = 4096
const LOOKUPS = 1 << 20
const ROUNDS = 9
/** A hit may cost so many bare look-ups. */
const FLOOR = 1 / 5

/** Nobody waits: everything is there. */
const NOBODY = {
  bufferReady(): void {
    throw new Error('a hit was to be there at once')
  },
}

function cache(): BufioClient {
  const sim = new Sim(1, new Memory(new PlainArena(32 << 20)))
  const power = new PowerSwitch()
  const disk = new Disk(sim, 'a', 0, DISK_MODELS.ideal, new Media(BLOCKS * BLOCK_BYTES), power)
  const memory = bufioOf(new DeviceMapper(sim, new Devices()))
  const client = new BufioClient(memory, 'bench', disk, BLOCK_BYTES, 0)
  client.prefetch(0, BLOCKS)
  sim.run(1e9, Infinity)
  return client
}

export async function bufioRow(): Promise<Row> {
  const client = cache()
  const map = new Map<number, { readonly address: number }>()
  for (let block = 0; block < BLOCKS; block++) map.set(block, { address: block * BLOCK_BYTES })
  const chance = new Chance(1, 'blocks')
  const blocks = Uint32Array.from({ length: LOOKUPS }, () => chance.below(BLOCKS))
  let sum = 0
  const hits = (): void => {
    for (let i = 0; i < LOOKUPS; i++) {
      const buffer = client.read(blocks[i], NOBODY)
      if (buffer === null) throw new Error('a hit was to be there at once')
      sum += buffer.address
      client.release(buffer)
    }
  }
  const lookups = (): void => {
    for (let i = 0; i < LOOKUPS; i++) sum += map.get(blocks[i])?.address ?? 0
  }
  const [ours, theirs] = await measureByTurns(ROUNDS, [{ work: hits }, { work: lookups }])
  if (sum === 0) throw new Error('nothing was looked up')
  const nanoseconds = (seconds: number): string => `${((seconds / LOOKUPS) * 1e9).toFixed(1)} ns`
  return {
    what: `a block in a buffer cache of ${BLOCKS}: held and released, bare look-up in a Map`,
    ours: nanoseconds(ours),
    theirs: nanoseconds(theirs),
    ratio: theirs / ours,
    floor: FLOOR,
  }
}
