/** An array on memory disks without a shell around it: for the tests of this folder. */
import { PlainArena } from '../base/arena.ts'
import { assert } from '../base/assert.ts'
import { Memory } from '../base/memory.ts'
import { Bio, READ, WRITE, type BioOwner, type Op, type Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { Devices } from '../block/devices.ts'
import { Disk } from '../block/disk.ts'
import { DISK_MODELS } from '../block/disk_model.ts'
import { Media } from '../block/media.ts'
import { PowerSwitch } from '../block/power_switch.ts'
import { loadSuperblock, type MdSuperblock } from '../format/md_superblock.ts'
import { Chance } from '../sim/chance.ts'
import { Sim } from '../sim/sim.ts'
import type { NativeArray } from './native_array.ts'
import { Md } from './md.ts'
import { layOutNewArray } from './mdadm_layout.ts'
import { newMemberWrites } from './mdadm_metadata.ts'
import { RunArray } from './run_array.ts'
import { sysfsWrite } from './sysfs.ts'

export interface TestArrayOptions {
  readonly disks: number
  readonly level?: 4 | 5 | 6
  readonly layout?: number
  readonly chunkKib?: number
  readonly bitmap?: 'internal' | 'none'
  readonly assumeClean?: boolean
  readonly force?: boolean
  /** Fills the disks with noise first. */
  readonly noise?: boolean
}

const MIB = 1 << 20

export class TestArray implements BioOwner {
  readonly sim: Sim
  readonly md: Md
  readonly disks: Disk[]
  readonly array: NativeArray
  private ended: Bio | null

  constructor(options: TestArrayOptions) {
    this.sim = new Sim(1, new Memory(new PlainArena(64 * MIB)))
    this.ended = null
    const devices = new Devices()
    const power = new PowerSwitch()
    this.disks = Array.from({ length: options.disks }, (_, i) => {
      const disk = new Disk(this.sim, 'abcdefgh'[i], i, DISK_MODELS.ideal, new Media(4 * MIB), power)
      devices.add(disk)
      if (options.noise === true) {
        const noise = new Uint8Array(4 * MIB)
        new Chance(i, 'noise').fill(noise)
        disk.media.write(0, noise, 0, noise.length)
      }
      return disk
    })
    this.md = new Md(this.sim, devices, 0)
    this.array = this.create(options)
  }

  /** Runs until nothing keeps the array from rest. */
  settle(): void {
    this.runUntil(() => this.md.unsettled() === null)
  }

  runUntil(done: () => boolean): void {
    for (let events = 0; !done(); events++) {
      assert(events < 2_000_000 && this.sim.run(Infinity, 1) > 0, 'nothing happens any more, or too much')
    }
  }

  write(sector: number, bytes: Uint8Array, device: BlockDevice = this.array): Status {
    return this.transfer(device, WRITE, sector, bytes)
  }

  read(sector: number, bytes: Uint8Array, device: BlockDevice = this.array): Status {
    return this.transfer(device, READ, sector, bytes)
  }

  /** All of the array, in pieces. */
  readAll(): Uint8Array {
    const all = new Uint8Array(this.array.sectors * 512)
    for (let at = 0; at < this.array.sectors; at += 128) {
      const status = this.read(at, all.subarray(at * 512, Math.min(this.array.sectors, at + 128) * 512))
      assert(status === 'OK', `read of sector ${at} ends with ${status}`)
    }
    return all
  }

  /** A check of all parity. @returns the mismatch count */
  check(): number {
    sysfsWrite(this.md, this.array.name, 'sync_action', 'check')
    this.settle()
    return this.array.mismatches
  }

  /** The superblock as it stands on the medium. */
  superblock(disk: Disk): MdSuperblock {
    const block = new Uint8Array(4096)
    disk.media.read(4096, block, 0, 4096)
    const loaded = loadSuperblock(block, { minor: 2, deviceSectors: disk.sectors })
    assert(loaded.ok, 'the medium holds a superblock')
    return loaded.value
  }

  bioDone(bio: Bio): void {
    this.ended = bio
  }

  private transfer(device: BlockDevice, op: Op, sector: number, bytes: Uint8Array): Status {
    const { memory } = this.sim
    const address = memory.allocate(bytes.length)
    if (op === WRITE) memory.bytes.set(bytes, address)
    this.ended = null
    const bio = new Bio(this.sim, this, op, 0, sector, bytes.length / 512, address, 0)
    device.submit(bio)
    this.runUntil(() => this.ended === bio)
    if (op === READ) bytes.set(memory.bytes.subarray(address, address + bytes.length))
    memory.free(address)
    return bio.status
  }

  private create(options: TestArrayOptions): NativeArray {
    const { disks, md } = this
    const plan = layOutNewArray(
      {
        level: options.level ?? 5,
        raidDevices: disks.length,
        spareDevices: 0,
        chunkKib: options.chunkKib ?? 64,
        layout: options.layout,
        bitmap: options.bitmap ?? 'internal',
        bitmapChunkBytes: options.bitmap === 'none' ? undefined : 65536,
        assumeClean: options.assumeClean ?? false,
        force: options.force ?? false,
        run: true,
        uuid: undefined,
        name: undefined,
      },
      disks.map((disk) => disk.sectors),
    )
    const identity = { setUuid: new Uint8Array(16).fill(7), setName: 'test:0', seconds: 0 }
    const offered = plan.members.map((member) => {
      const disk = disks[member.device]
      const writes = newMemberWrites(plan, member, identity, new Uint8Array(16).fill(member.device))
      for (const { sector, bytes } of writes) disk.media.write(sector * 512, bytes, 0, bytes.length)
      return { device: disk, superblock: this.superblock(disk) }
    })
    const run = new RunArray(md, 0, offered, 0)
    run.resume()
    this.runUntil(() => run.failure !== null || md.arrays.length > 0)
    assert(run.array !== null, run.failure?.message ?? 'the array does not start')
    return run.array
  }
}
