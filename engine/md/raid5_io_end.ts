/**
 * The end of a page's read or write, and what an error means for its member.
 * @source raid5_end_read_request, raid5_end_write_request, drivers/md/raid5.c, 6.1
 */
import type { MdArray } from './array.ts'
import { READ, type Bio } from '../block/bio.ts'
import { markBad } from './mark_bad.ts'
import { noteWriteError } from './place.ts'
import { LOCKED, READ_ERROR, RETRIED, REWRITTEN, STRIPE_SECTORS, UPTODATE, type Stripe } from './stripe.ts'

/** A member with this many read errors in a row is given up. In Linux: the number of stripes. */
const READ_ERRORS_MAX = 256

/** @param maxDegraded members that the level can do without */
export function pageRead(array: MdArray, stripe: Stripe, slot: number, ok: boolean, maxDegraded: number): void {
  const page = stripe.pages[slot]
  const member = array.slots[slot]
  page.flags &= ~LOCKED
  if (ok) {
    page.flags |= UPTODATE
    if ((page.flags & READ_ERROR) !== 0 && member !== null) member.correctedErrors += STRIPE_SECTORS
    page.flags &= ~(READ_ERROR | REWRITTEN | RETRIED)
    if (member !== null) member.readErrors = 0
    return
  }
  page.flags &= ~UPTODATE
  if (member === null || member.faulty) return
  member.readErrors++
  const hopeless = array.degraded >= maxDegraded || (page.flags & REWRITTEN) !== 0
  const retry = hopeless ? member.inSync && (page.flags & RETRIED) === 0 : member.readErrors <= READ_ERRORS_MAX
  if (retry) {
    // What P holds RAID-6 computes at once, without a second try.
    if (stripe.q >= 0 && slot === stripe.parity) page.flags |= READ_ERROR
    else if ((page.flags & RETRIED) === 0) page.flags |= RETRIED
    else page.flags = (page.flags & ~RETRIED) | READ_ERROR
    return
  }
  page.flags &= ~(READ_ERROR | REWRITTEN | RETRIED)
  if (hopeless && member.inSync && markBad(array, member, stripe.sector, STRIPE_SECTORS)) return
  array.memberFailed(member)
}

export function pageWritten(array: MdArray, stripe: Stripe, slot: number, ok: boolean): void {
  const page = stripe.pages[slot]
  const member = array.slots[slot]
  unlock(stripe, slot)
  if (member === null || member.faulty) {
    if (!ok) stripe.degradedWrite = true
    return
  }
  if (!ok) {
    stripe.degradedWrite = true
    noteWriteError(array, member)
    if (!markBad(array, member, stripe.sector, STRIPE_SECTORS)) array.memberFailed(member)
    return
  }
  if (member.hasBadBlocks(stripe.sector, STRIPE_SECTORS)) {
    member.badBlocks?.clear(member.dataOffset + stripe.sector, STRIPE_SECTORS)
    array.badBlocksChanged()
    if ((page.flags & READ_ERROR) !== 0) page.flags |= REWRITTEN
  }
}

/** A page that is written to a member and to its replacement is free when both have it. In Linux: R5_DOUBLE_LOCKED. */
function unlock(stripe: Stripe, slot: number): void {
  if ((stripe.doubled & (1 << slot)) === 0) stripe.pages[slot].flags &= ~LOCKED
  stripe.doubled &= ~(1 << slot)
}

/** The end of I/O of a replacement: it has failed with its first error. */
export function replacementDone(array: MdArray, stripe: Stripe, slot: number, bio: Bio): void {
  const page = stripe.pages[slot]
  const replacement = array.replacements[slot]
  const ok = bio.status === 'OK'
  if (bio.op === READ) {
    page.flags = (page.flags & ~(LOCKED | UPTODATE | READ_ERROR | REWRITTEN | RETRIED)) | (ok ? UPTODATE : 0)
  } else unlock(stripe, slot)
  if (replacement === null || replacement.faulty) return
  if (!ok) array.memberFailed(replacement)
  else if (bio.op !== READ && replacement.hasBadBlocks(stripe.sector, STRIPE_SECTORS)) {
    replacement.badBlocks?.clear(replacement.dataOffset + stripe.sector, STRIPE_SECTORS)
    array.badBlocksChanged()
  }
}
