/** Random writes to an array of the engine: disks in memory, bitmap and trace on, nobody looking. */
import { Machine } from '../../engine/lab/machine.ts'
import { runScript } from '../../engine/lab/script.ts'
import '../../engine/lab/whole_language.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'

const ARENA_BYTES = 256 << 20
const DISKS = ['sda', 'sdb', 'sdc', 'sdd', 'sde']
const BATCH_EVENTS = 20_000

/** An array as the kernel gets it, too: 64 KiB chunks, a bitmap with 64 KiB chunks. */
export interface ArrayShape {
  readonly level: 5 | 6
  readonly members: 4 | 5
}

export class RaidWrites {
  readonly #machine: Machine

  /** @param depth writes under way at any time */
  constructor({ level, members }: ArrayShape, diskKib: number, depth: number) {
    const disks = DISKS.slice(0, members)
    this.#machine = new Machine({ seed: 1, arena: createArena(ARENA_BYTES) })
    const devices = disks.map((name) => `/dev/${name}`).join(' ')
    const script = [
      ...disks.map((name) => `disk create ${name} ${diskKib}K`),
      `mdadm --create /dev/md0 --metadata=1.2 --level=${level} --raid-devices=${members} --chunk=64 --bitmap=internal --bitmap-chunk=64K --assume-clean --run ${devices}`,
      `workload start bench /dev/md0 --pattern random --size 4K --depth ${depth}`,
    ].join('\n')
    const { ok, results } = runScript(this.#machine, script)
    if (!ok) throw new Error(results.at(-1)?.stderr ?? 'the array was not made')
  }

  /** Goes on until so many more writes have been done. */
  write(count: number): void {
    const [workload] = this.#machine.workloads.list()
    const end = workload.ios + count
    while (workload.ios < end) this.#machine.run({ maxEvents: BATCH_EVENTS })
    if (workload.errors > 0) throw new Error(`${workload.errors} writes failed`)
  }
}
