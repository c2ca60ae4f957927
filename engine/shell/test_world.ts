/** A small world for the shell's own tests: a kernel, memory disks, a power switch; no lab around it. */
import { PlainArena } from '../base/arena.ts'
import { copyGraph } from '../base/copy.ts'
import { Memory } from '../base/memory.ts'
import { FUA, OP_NAMES } from '../block/bio.ts'
import { Disk } from '../block/disk.ts'
import { DISK_MODELS, type DiskModelName } from '../block/disk_model.ts'
import { Media } from '../block/media.ts'
import { PowerSwitch } from '../block/power_switch.ts'
import { Sim } from '../sim/sim.ts'
import { decodeTraceRow, TRACE_COLUMNS } from '../sim/trace.ts'
import { BLKDISCARD } from './blkdiscard.ts'
import { BLOCKDEV } from './blockdev.ts'
import { CAT } from './cat.ts'
import { MD5SUM, SHA256SUM } from './checksum_commands.ts'
import { CMP } from './cmp.ts'
import { CommandRegistry, type CommandSpec, type World } from './command.ts'
import { DD } from './dd.ts'
import { HEXDUMP } from './hexdump.ts'
import { Kernel } from './kernel.ts'
import type { LabHost } from './lab_host.ts'
import { Shell, type CommandResult } from './shell.ts'
import { SMALL_COMMANDS } from './small_commands.ts'

export const TEST_ARENA_BYTES = 64 << 20

/** The commands that work on any block device. */
export const TOOLS: readonly CommandSpec[] = [
  BLKDISCARD,
  BLOCKDEV,
  CAT,
  CMP,
  DD,
  HEXDUMP,
  MD5SUM,
  SHA256SUM,
  ...SMALL_COMMANDS,
]

export class TestWorld implements World {
  readonly sim: Sim
  readonly shell: Shell
  readonly power: PowerSwitch
  readonly media: Map<string, Media>
  kernel: Kernel

  constructor(specs: readonly CommandSpec[] = TOOLS, seed = 1) {
    this.sim = new Sim(seed, new Memory(new PlainArena(TEST_ARENA_BYTES)))
    this.power = new PowerSwitch()
    this.media = new Map()
    this.kernel = new Kernel(this.sim, 0)
    this.shell = new Shell(this, new CommandRegistry(specs))
  }

  /** What commands ask of the lab here is its clock and whether the power is on. */
  get lab(): LabHost {
    return this as unknown as LabHost
  }

  get powerOn(): boolean {
    return this.power.on
  }

  addDisk(name: string, bytes: number, model: DiskModelName = 'ideal'): Disk {
    const media = new Media(bytes)
    const disk = new Disk(this.sim, name, this.media.size, DISK_MODELS[model], media, this.power)
    this.media.set(name, media)
    this.kernel.devices.add(disk)
    return disk
  }

  /** What a disk holds, its cache included. */
  contents(name: string): Uint8Array {
    const media = this.media.get(name) as Media
    const bytes = new Uint8Array(media.sizeBytes + 4096)
    media.read(0, bytes, 0, media.sizeBytes)
    const disk = this.kernel.devices.find(name) as Disk
    for (const { page, address, mask } of disk.cache.pages.values()) {
      for (let i = 0; i < 8; i++) {
        if ((mask & (1 << i)) === 0) continue
        const at = address + i * 512
        bytes.set(this.sim.memory.bytes.subarray(at, at + 512), page * 4096 + i * 512)
      }
    }
    return bytes.subarray(0, media.sizeBytes)
  }

  /** The rows of the trace from row `from` on, with their names. */
  traced(from = 0): Record<string, number | string>[] {
    const { rows } = this.sim.trace.since(from)
    return Array.from({ length: rows.length / TRACE_COLUMNS }, (_, i) => decodeTraceRow(rows, i))
  }

  /** What was submitted to devices since trace row `from`: operation, sector, sectors. */
  bios(from = 0): string[] {
    return this.traced(from)
      .filter(({ event }) => event === 'bio_submit')
      .map(({ opFlags, sector, sectors }) => {
        const flags = Number(opFlags)
        return `${OP_NAMES[flags & 7]}${(flags & FUA) !== 0 ? ' fua' : ''} ${sector}+${sectors}`
      })
  }

  /** Types a text and runs until every line of it has ended. */
  run(text: string): CommandResult[] {
    const first = this.shell.results.length
    this.type(text)
    this.runWhileBusy()
    return this.shell.results.slice(first)
  }

  type(text: string): void {
    this.shell.type(text)
    this.goOn()
  }

  /** Delivers up to so many events. @returns how many there were. */
  deliver(maxEvents: number): number {
    const count = this.sim.run(Infinity, maxEvents, this.shell.stepTarget)
    this.goOn()
    return count
  }

  runWhileBusy(): void {
    while (this.shell.busy && this.deliver(100_000) > 0);
  }

  private goOn(): void {
    do this.shell.goOn()
    while (this.shell.ready)
  }

  cutPower(): void {
    this.power.on = false
    this.sim.queue.clear()
    this.sim.memory = new Memory(this.sim.memory.arena)
    this.kernel = new Kernel(this.sim, 0)
    this.shell.powerFailed()
    this.goOn()
  }

  /** This very instant again, on an arena of its own. */
  copy(): TestWorld {
    const arena = new PlainArena(TEST_ARENA_BYTES)
    const frozen = this.sim.memory.freeze()
    const copy = copyGraph<TestWorld>(this, new Map<object, object>([[this.sim.memory.arena, arena]]))
    copy.sim.memory.thaw(frozen)
    return copy
  }
}
