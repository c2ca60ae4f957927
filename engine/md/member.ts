/**
 * A member of an array: one device, its place in it, and how far it can be trusted. In Linux: md_rdev.
 */
import type { Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { BadBlockList } from './bad_block_list.ts'

/** What a superblock says of a member. */
export interface MemberFacts {
  readonly descNr: number
  readonly dataOffset: number
  readonly events: number
  readonly badBlocks: BadBlockList | null
  readonly correctedErrors: number
  readonly writeMostly?: boolean
}

export class Member {
  readonly device: BlockDevice
  /** Where its superblock and bitmap lie: the device itself, except in dm-raid, where it is another; null for none. */
  readonly metadataDevice: BlockDevice | null
  /** Index into the superblock's roles; not the slot. In Linux: desc_nr. */
  descNr: number
  /** The slot it fills, or -1: a spare, or failed and taken out. In Linux: raid_disk. */
  slot: number
  /** The slot it filled before it was away, if its contents are still worth something; else -1. */
  savedSlot: number
  /** It holds the journal, and has no slot. */
  isJournal: boolean
  /** Where its log begins, in sectors from the start of its data. */
  journalTail: number
  inSync: boolean
  faulty: boolean
  /** Not in sync: its sectors below this one are. */
  recoveryOffset: number
  readonly dataOffset: number
  /** Events of the superblock on it. */
  superblockEvents: number
  /** Requests of the array under way to it: it cannot be taken out before they end. */
  pending: number
  readErrors: number
  /** When the last of them was, where they are forgotten after a while. */
  lastReadError: number
  /** Null where the superblock has no room for a log. */
  badBlocks: BadBlockList | null
  /** A write to it failed once: its bad blocks are skipped by writes, not tried again. */
  writeErrorSeen: boolean
  /** A spare is to be built in its stead while it still serves. */
  wantsReplacement: boolean
  /** Stands beside the member of its slot, whose contents it is given. In Linux: Replacement. */
  isReplacement: boolean
  /** There is a name rdN for it: one who has taken another's place has none until the array is assembled again. */
  hasName: boolean
  /** Slow: reads and sync turn to it last, and writes need not wait for it. */
  writeMostly: boolean
  correctedErrors: number

  constructor(device: BlockDevice, facts: MemberFacts, metadataDevice: BlockDevice | null = device) {
    this.device = device
    this.metadataDevice = metadataDevice
    this.descNr = facts.descNr
    this.slot = -1
    this.savedSlot = -1
    this.isJournal = false
    this.journalTail = 0
    this.inSync = false
    this.faulty = false
    this.recoveryOffset = 0
    this.dataOffset = facts.dataOffset
    this.superblockEvents = facts.events
    this.pending = 0
    this.readErrors = 0
    this.lastReadError = 0
    this.badBlocks = facts.badBlocks
    this.writeErrorSeen = false
    this.wantsReplacement = false
    this.isReplacement = false
    this.hasName = false
    this.writeMostly = facts.writeMostly ?? false
    this.correctedErrors = facts.correctedErrors
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

  /** Whether it works and has these sectors (from the start of its data). */
  canRead(sector: number, sectors: number): boolean {
    if (this.faulty || this.hasBadBlocks(sector, sectors)) return false
    return this.inSync || sector + sectors <= this.recoveryOffset
  }

  /** Whether some of these sectors (from the start of its data) are on its bad-block list. */
  hasBadBlocks(sector: number, sectors: number): boolean {
    return this.badBlocks !== null && this.badBlocks.overlaps(this.dataOffset + sector, sectors)
  }

  /** The first stretch of bad blocks that touches these sectors; all from the start of its data. */
  firstBad(sector: number, sectors: number): { from: number; to: number } | null {
    const entry = this.badBlocks?.first(this.dataOffset + sector, sectors)
    if (entry === undefined) return null
    return { from: entry.sector - this.dataOffset, to: entry.sector + entry.count - this.dataOffset }
  }
}
