/**
 * A member of an array: one device, its place in it, and how far it can be trusted. In Linux: md_rdev.
 */
import type { Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { BadBlockList } from './bad_block_list.ts'
import type { MdSuperblock } from '../format/md_superblock.ts'

export class Member {
  readonly device: BlockDevice
  /** Index into the superblock's roles; not the slot. In Linux: desc_nr. */
  descNr: number
  /** The slot it fills, or -1: a spare, or failed and taken out. In Linux: raid_disk. */
  slot: number
  /** The slot it filled before it was away, if its contents are still worth something; else -1. */
  savedSlot: number
  inSync: boolean
  faulty: boolean
  /** Not in sync: its sectors below this one are. */
  recoveryOffset: number
  readonly dataOffset: number
  /** The superblock as it was read or last written; fields that never change are taken from it. */
  superblock: MdSuperblock
  /** Events of the superblock on it. */
  superblockEvents: number
  /** Requests of the array under way to it: it cannot be taken out before they end. */
  pending: number
  readErrors: number
  /** Null where the superblock has no room for a log. */
  badBlocks: BadBlockList | null
  /** A write to it failed once: its bad blocks are skipped by writes, not tried again. */
  writeErrorSeen: boolean
  correctedErrors: number

  constructor(device: BlockDevice, superblock: MdSuperblock) {
    this.device = device
    this.descNr = superblock.dev_number
    this.slot = -1
    this.savedSlot = -1
    this.inSync = false
    this.faulty = false
    this.recoveryOffset = 0
    this.dataOffset = superblock.data_offset
    this.superblock = superblock
    this.superblockEvents = superblock.events
    this.pending = 0
    this.readErrors = 0
    this.badBlocks = superblock.bblog_size > 0 ? new BadBlockList() : null
    this.writeErrorSeen = false
    this.correctedErrors = superblock.cnt_corrected_read
  }

  get name(): string {
    return this.device.name
  }

  /** Takes the device for an array. @errors EBUSY when another has it. */
  claim(array: string): Result<null> {
    const claimed = this.device.claim(array)
    if (claimed.ok) this.device.holders.push(array)
    return claimed
  }

  release(array: string): void {
    this.device.release(array)
    this.device.holders.splice(this.device.holders.indexOf(array), 1)
  }

  /** Whether some of these sectors (from the start of its data) are on its bad-block list. */
  hasBadBlocks(sector: number, sectors: number): boolean {
    return this.badBlocks !== null && this.badBlocks.overlaps(this.dataOffset + sector, sectors)
  }
}
