/** A small world for the shell's own tests: a kernel, memory disks, a power switch; no lab around it. */
import { PlainArena } from '../base/arena.ts'
import { copyGraph } from '../base/copy.ts'
import { Memory } from '../base/memory.ts'
import { Disk } from '../block/disk.ts'
import { DISK_MODELS, type DiskModelName } from '../block/disk_model.ts'
import { Media } from '../block/media.ts'
import { PowerSwitch } from '../block/power_switch.ts'
import { Sim } from '../sim/sim.ts'
import { CommandRegistry, type CommandSpec, type World } from './command.ts'
import { Kernel } from './kernel.ts'
import type { LabHost } from './lab_host.ts'
import { Shell, type CommandResult } from './shell.ts'

export const TEST_ARENA_BYTES = 64 << 20

export class TestWorld implements World {
  readonly sim: Sim
  readonly shell: Shell
  readonly power: PowerSwitch
  readonly media: Map<string, Media>
  kernel: Kernel

  constructor(specs: readonly CommandSpec[], seed = 1) {
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
