/** The bytes of a machine's disks, for whoever looks at them or takes them away. */
import { structuresOn } from '../../engine/api/bytes.ts'
import type { Machine } from '../../engine/lab/machine.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { DiskBytes, DiskView } from './engine_api.ts'

/** @returns null where there is no such disk */
export function readDisk(machine: Machine, name: string, sector: number, sectors: number): DiskBytes | null {
  const medium = machine.media(name)
  if (medium === undefined) return null
  const from = Math.max(0, sector)
  const count = Math.max(0, Math.min(sectors, medium.sizeBytes / 512 - from))
  const media = new Uint8Array(count * 512)
  medium.read(from * 512, media, 0, media.length)
  const newest = media.slice()
  const isCached = new Uint8Array(count)
  const { memory } = machine.sim
  for (const { page, address, mask } of machine.disk(name)?.cache.pages.values() ?? []) {
    for (let i = 0; i < 8; i++) {
      const at = page * 8 + i - from
      if ((mask & (1 << i)) === 0 || at < 0 || at >= count) continue
      newest.set(memory.bytes.subarray(address + i * 512, address + (i + 1) * 512), at * 512)
      isCached[at] = 1
    }
  }
  return { sector: from, media, newest, isCached }
}

/** The same, and what lies on the disk. @returns null where there is no such disk */
export function viewDisk(machine: Machine, name: string, sector: number, sectors: number): DiskView | null {
  const bytes = readDisk(machine, name, sector, sectors)
  const diskSectors = Math.floor((machine.media(name)?.sizeBytes ?? 0) / 512)
  if (bytes === null) return null
  const read = (from: number, count: number): Uint8Array =>
    readDisk(machine, name, from, count)?.newest ?? new Uint8Array(0)
  return { ...bytes, steps: machine.sim.steps, diskSectors, structures: structuresOn(read, diskSectors) }
}

/** What is on the medium, as one image. @returns null where there is no such disk. */
export function readImage(machine: Machine, name: string): Uint8Array | null {
  const medium = machine.media(name)
  if (medium === undefined) return null
  const bytes = new Uint8Array(medium.sizeBytes)
  medium.read(0, bytes, 0, bytes.length)
  return bytes
}

/** The same, as it was when the recording began. @returns null where that is not kept any more, or the disk was not there */
export function readBeginning({ beginning }: Session, name: string): Uint8Array | null {
  return beginning === null ? null : readImage(beginning.machine, name)
}
