/** The arrays of a running kernel, and what /proc/mdstat says of them. */
import type { Devices } from '../block/devices.ts'
import { SECOND, type Sim } from '../sim/sim.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { NativeArray } from './native_array.ts'
import { mdstatText, type MdstatArray, type MdstatProgress } from './mdstat_text.ts'

/** In the order in which Linux registers them. */
const PERSONALITIES = ['raid6', 'raid5', 'raid4']

export class Md {
  readonly sim: Sim
  readonly devices: Devices
  readonly epochSeconds: number
  /** Newest first, as the kernel lists them. */
  readonly arrays: NativeArray[]

  constructor(sim: Sim, devices: Devices, epochSeconds: number) {
    this.sim = sim
    this.devices = devices
    this.epochSeconds = epochSeconds
    this.arrays = []
  }

  /** @param name `md0`, `/dev/md0`. */
  find(name: string): NativeArray | undefined {
    const short = name.startsWith('/dev/') ? name.slice(5) : name
    return this.arrays.find((array) => array.name === short)
  }

  add(array: NativeArray): void {
    this.arrays.unshift(array)
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
    return mdstatText(PERSONALITIES, this.arrays.map(mdstatArray))
  }
}

function mdstatArray(array: NativeArray): MdstatArray {
  const { geometry, bitmap } = array
  return {
    name: array.name,
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
      spare: member.slot < 0 && !member.faulty,
    })),
    kib: Math.floor(array.sectors / 2),
    metadata: '1.2',
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
