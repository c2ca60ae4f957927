/** Random writes to a RAID-5 of the engine: disks in memory, bitmap and trace on, nobody looking. */
import { Machine } from '../../engine/lab/machine.ts'
import { runScript } from '../../engine/lab/script.ts'
import '../../engine/lab/whole_language.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'

const ARENA_BYTES = 256 << 20
const DISKS = ['sda', 'sdb', 'sdc', 'sdd']
const BATCH_EVENTS = 20_000

/** The array that the kernel gets, too: four members, 64 KiB chunks, a bitmap with 64 KiB chunks. */
export class RaidWrites {
  readonly #machine: Machine

  /** @param depth writes under way at any time */
  constructor(diskKib: number, depth: number) {
    this.#machine = new Machine({ seed: 1, arena: createArena(ARENA_BYTES) })
    const devices = DISKS.map((name) => `/dev/${name}`).join(' ')
    const script = [
      ...DISKS.map((name) => `disk create ${name} ${diskKib}K`),
      `mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64 --bitmap=internal --bitmap-chunk=64K --assume-clean --run ${devices}`,
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
