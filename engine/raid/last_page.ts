import { Bio, FUA, META, PREFLUSH, SYNC, WRITE, type BioOwner } from '../block/bio.ts'
import { DM_RAID_BITMAP_SECTOR } from '../format/dm_raid_superblock.ts'
import { bitmapPageWriteBytes } from '../format/md_bitmap_super.ts'
import type { DeviceMapper } from '../dm/device_mapper.ts'
import type { Bitmap } from '../md/bitmap.ts'
import type { Sim } from '../sim/sim.ts'
import type { RaidArray } from './raid_array.ts'

/** The first page of a bitmap on its way to the legs, when nobody waits for it any more. */
class LastPage implements BioOwner {
  readonly sim: Sim
  readonly dm: DeviceMapper
  readonly address: number
  /** Writes under way, and one until all are submitted. */
  private remaining: number

  constructor(dm: DeviceMapper, bytes: Uint8Array) {
    const { sim } = dm
    this.sim = sim
    this.dm = dm
    dm.lastWrites++
    this.address = sim.memory.allocateZeroed(4096)
    this.remaining = 1
    sim.memory.bytes.set(bytes, this.address)
  }

  submit(array: RaidArray, sectors: number): void {
    const { address, sim } = this
    const flags = PREFLUSH | FUA | SYNC | META
    for (const { slot, faulty, metadataDevice } of array.members) {
      if (slot < 0 || faulty || metadataDevice === null) continue
      this.remaining++
      const { bitmap: cause } = array.causes
      metadataDevice.submit(new Bio(sim, this, WRITE, flags, DM_RAID_BITMAP_SECTOR, sectors, address, cause))
    }
    this.bioDone()
  }

  bioDone(): void {
    if (--this.remaining > 0) return
    this.sim.memory.free(this.address)
    this.dm.lastWrites--
  }
}

/** Writes the first page of the bitmap as it stands in memory; the array may be gone before it has arrived. */
export function writeLastPage(array: RaidArray, bitmap: Bitmap): void {
  bitmap.updateHeader()
  const bytes = bitmapPageWriteBytes(0, bitmap.chunks)
  const { memory } = array.sim
  const page = memory.bytes.slice(bitmap.address, bitmap.address + bytes)
  new LastPage(array.device.dm, page).submit(array, bytes / 512)
}
