/** The arrays of a running kernel, and what /proc/mdstat says of them. */
import type { Devices } from '../block/devices.ts'
import { SECOND, type Sim } from '../sim/sim.ts'
import { versionOf } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { NativeArray } from './native_array.ts'
import { mdstatText, type MdstatArray, type MdstatProgress } from './mdstat_text.ts'

/** Those of the module that is there from the beginning, in the order in which it registers them. */
const PERSONALITIES = ['raid6', 'raid5', 'raid4']

export class Md {
  readonly sim: Sim
  readonly devices: Devices
  readonly epochSeconds: number
  /** Newest first, as the kernel lists them. */
  readonly arrays: NativeArray[]
  /** What /proc/mdstat lists as known; other levels are loaded when the first array of theirs is to run. */
  private readonly personalities: string[]

  constructor(sim: Sim, devices: Devices, epochSeconds: number) {
    this.sim = sim
    this.devices = devices
    this.epochSeconds = epochSeconds
    this.arrays = []
    this.personalities = [...PERSONALITIES]
  }

  /** An array of this level is to run. In Linux: request_module. */
  loadPersonality(level: number): void {
    const name = `raid${level}`
    if (!this.personalities.includes(name)) this.personalities.push(name)
  }

  /** @param name `md0`, `/dev/md0`. */
  find(name: string): NativeArray | undefined {
    const short = name.startsWith('/dev/') ? name.slice(5) : name
    return this.arrays.find((array) => array.name === short)
  }

  add(array: NativeArray): void {
    this.arrays.unshift(array)
    // In the place of a device of its name that held nothing.
    this.devices.add(array)
  }

  remove(array: NativeArray): void {
    this.arrays.splice(this.arrays.indexOf(array), 1)
    this.devices.remove(array)
  }

  /** What keeps some array from rest, or null. */
  unsettled(): string | null {
    for (const array of this.arrays) {
      const reason = array.unsettled()
      if (reason !== null) return reason
    }
    return null
  }

  /** The text of /proc/mdstat. */
  mdstat(): string {
    return mdstatText(this.personalities, this.arrays.map(mdstatArray))
  }
}

function mdstatArray(array: NativeArray): MdstatArray {
  const { geometry, bitmap } = array
  return {
    name: array.name,
    ...(array.readOnly ? { access: 'read-only' as const } : {}),
    running: {
      level: geometry.level,
      layout: array.layout,
      chunkKib: geometry.chunkSectors / 2,
      inSync: array.slots.map((member) => member !== null && member.inSync),
    },
    members: array.members.map((member) => ({
      name: member.device.kernelName,
      number: member.descNr,
      faulty: member.faulty,
      spare: member.slot < 0 && !member.faulty && !member.isJournal,
      journal: member.isJournal,
      writeMostly: member.writeMostly,
      replacement: member.isReplacement,
    })),
    kib: Math.floor(array.sectors / 2),
    metadata: versionOf(array.superblock),
    sync: mdstatSync(array),
    bitmap:
      bitmap === null
        ? undefined
        : { pages: bitmap.counterPages(), pagesMax: bitmap.counterPagesMax(), chunkBytes: bitmap.header.chunksize },
  }
}

function mdstatSync(array: NativeArray): MdstatProgress | 'pending' | undefined {
  const { sync } = array
  if (sync === null) return array.resyncOffset < MAX_SECTOR ? 'pending' : undefined
  return {
    action: sync.action === 'recover' ? 'recovery' : sync.action === 'check' ? 'check' : 'resync',
    doneSectors: Math.min(sync.position, sync.end),
    totalSectors: sync.end,
    markSeconds: Math.floor((array.sim.now - sync.startedAt) / SECOND),
    markSectors: sync.ioSectors,
  }
}
