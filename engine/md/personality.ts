/**
 * What a level does in its own way: requests, failures, places for new members, and the work of a sync pass. Everything else
 * (superblocks, the bitmap's life, who is synced when) is the same for all levels, and is the array's. In Linux: md_personality.
 */
import { assert } from '../base/assert.ts'
import type { Failure } from '../base/errno.ts'
import type { Bio } from '../block/bio.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import { LevelRegistry } from './level_registry.ts'
import type { Member } from './member.ts'
import type { StripeCache } from './stripe_cache.ts'
import type { SyncAction, SyncPass } from './sync.ts'

export interface Personality {
  /** Whether there is anything to sync, so that writes have to be noted before they are made. In Linux: sync_request. */
  readonly hasRedundancy: boolean
  /** The stripes; null for levels without parity. */
  readonly stripes: StripeCache | null

  // ---- requests ----

  /** A read of the array; it ends through `array.endBio`. */
  read(bio: Bio): void
  /** A write that has passed the array's gate; it ends through `array.writeDone`. */
  write(bio: Bio): void
  /** A bio that asks for a flush. @returns whether it is taken over: where not, the members are flushed */
  takeFlush?(bio: Bio): boolean
  /** Writes to the members whatever is elsewhere. @returns whether everything is there: where not, it is to be asked again */
  comeToRest?(): boolean
  /** A superblock update is on disk: what waited for that goes on. */
  changesRecorded(): void

  // ---- members ----

  /** Why an array of these slots does not start, or null. @source the run function of each personality, 6.1 */
  refusal(): Failure | null
  /** Whether there is nothing to resync whatever the superblocks say: no two members are there that could differ. */
  readonly startsClean: boolean
  /** Whether this member may not be declared failed: the array would be nothing without it. In Linux: error_handler. */
  mustKeep(member: Member): boolean
  /** Whether so much is gone that the array takes no writes any more. In Linux: MD_BROKEN. */
  isBroken(): boolean
  /**
   * The place that a spare gets (see `place.ts`), or -1. In Linux: hot_add_disk.
   * @param wanted the only slot that it may come into, or -1
   */
  slotFor(member: Member, wanted: number): number
  /** Whether a member that comes into this slot has to be built from one end to the other, whatever the bitmap knows. */
  isStranger(savedSlot: number, slot: number): boolean

  /** Whether a member that is not in sync leaves its slot, although it has not failed. @source the hot_remove_disk of each, 6.1 */
  isUseless(member: Member): boolean

  /** Whether members can be rebuilt; where not, those that are not in sync leave their slots. */
  readonly canRebuild: boolean
  /** What has to be done before the array runs, or null. In Linux: start. */
  start?(): StartProcedure | null
  /** The array runs. */
  started(): void
  /** A member has failed: for those who work otherwise then. */
  memberFailed?(): void

  // ---- sync ----

  /** Where a pass of this kind ends, in its own sectors: of the member, or of the array. */
  syncEnd(action: SyncAction): number
  /** Whether a pass of this kind has nothing to do at all, whatever the bitmap says. */
  nothingToSync(action: SyncAction): boolean
  /** The most sectors that are synced at once. */
  readonly extentSectors: number
  /** The next sector from the pass's position on that has to be synced. */
  nextWanted(pass: SyncPass): number
  /** How far an extent goes that begins here. */
  extentEnd(pass: SyncPass, sector: number): number
  /** Whether a pass's sectors are those that the bitmap counts by. */
  followsBitmap(action: SyncAction): boolean
  /** The sectors, as the bitmap counts them, that stand for one of the pass's. */
  bitmapSectors(pass: SyncPass, sector: number): number[]
  /** The work on the range that `pass` has closed. */
  extent(pass: SyncPass): Procedure
  /**
   * Keeps requests out of a range of a pass's sectors from now on.
   * @returns whether something is still under way in it; when that has ended, `array.sync.rangeIdle` is called
   */
  closeRange(from: number, to: number): boolean
  openRange(): void
  /**
   * A pass is so far that what it put off up to this sector is due; Infinity when it is over and its superblocks are written.
   * @returns whether anything is put off still
   */
  syncPassed(sector: number): boolean

  /** How its journal stands, for those who look at it. */
  readonly journalView?: JournalView | null

  /** The array is gone: gives memory back. */
  free(): void
}

/** A write journal as one sees it: a ring, used from its tail to its head. */
export interface JournalView {
  readonly member: Member
  readonly sectors: number
  readonly tail: number
  readonly head: number
  readonly writeBack: boolean
  /** Stripes that are only logged and cached. */
  readonly cached: number
}

/** The beginning of an array: whoever waits for it finds here how it went. */
export interface StartProcedure extends Procedure {
  readonly failure: Failure | null
}

/** Of some levels, in Linux a module of its own. */
export interface PersonalityKind {
  readonly levels: readonly number[]
  /** For arrays with a write journal. */
  readonly journaled?: boolean
  begin(array: MdArray): Personality
  /** What a new journal of an array begins with. @param seq a number by chance */
  newLog?(uuid: Uint8Array, seq: number): Uint8Array
}

export const PERSONALITIES = new LevelRegistry<PersonalityKind>()

export function personalityOf(array: MdArray): Personality {
  const { level } = array.geometry
  const kind = PERSONALITIES.find(level, array.journaled)
  assert(kind !== undefined, `level ${level} was refused before`)
  return kind.begin(array)
}
