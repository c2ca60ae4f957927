/**
 * The choice between read-modify-write and reconstruct-write, and which pages to read: analyse, then plan. Nothing here does
 * anything; `raid5.ts` acts on the outcome.
 * @source analyse_stripe, need_this_block, handle_stripe_dirtying in drivers/md/raid5.c, 6.1
 */
import { MAX_SECTOR } from '../format/struct.ts'
import type { MdArray } from './array.ts'
import { LOCKED, OVERWRITE, READ_ERROR, STRIPE_SECTORS, UPTODATE, type Stripe } from './stripe.ts'

export interface Analysis {
  /** How many slots cannot be read: missing, failed, not yet rebuilt, or with a read error; and the first of them, or -1. */
  failed: number
  firstFailed: number
  locked: number
  uptodate: number
  toRead: number
  toWrite: number
  written: number
  /** Pages with a write that does not cover them. */
  nonOverwrite: number
  /** Bit per slot: the member itself can be read here. */
  readable: number
}

export function emptyAnalysis(): Analysis {
  return {
    failed: 0,
    firstFailed: -1,
    locked: 0,
    uptodate: 0,
    toRead: 0,
    toWrite: 0,
    written: 0,
    nonOverwrite: 0,
    readable: 0,
  }
}

/** Looks at every page of a stripe. @param into is overwritten: this runs several times for every write. */
export function analyse(array: MdArray, stripe: Stripe, into: Analysis): void {
  const { pages } = stripe
  let failed = 0
  let firstFailed = -1
  let locked = 0
  let uptodate = 0
  let toRead = 0
  let toWrite = 0
  let written = 0
  let nonOverwrite = 0
  let readable = 0
  for (let slot = 0; slot < pages.length; slot++) {
    const page = pages[slot]
    // A page on the bad-block list whose contents are known is taken for a read error, which can be put right.
    if ((page.flags & (UPTODATE | LOCKED)) === UPTODATE && array.worthMending(slot, stripe.sector, STRIPE_SECTORS)) {
      page.flags |= READ_ERROR
    }
    const { flags } = page
    if ((flags & LOCKED) !== 0) locked++
    if ((flags & UPTODATE) !== 0) uptodate++
    if (page.toRead.length > 0) toRead++
    if (page.written.length > 0) written++
    if (page.toWrite.length > 0) {
      toWrite++
      if ((flags & OVERWRITE) === 0) nonOverwrite++
    }
    if ((flags & READ_ERROR) === 0 && array.readable(slot, stripe.sector, STRIPE_SECTORS)) readable |= 1 << slot
    else {
      if (firstFailed < 0) firstFailed = slot
      failed++
    }
  }
  into.failed = failed
  into.firstFailed = firstFailed
  into.locked = locked
  into.uptodate = uptodate
  into.toRead = toRead
  into.toWrite = toWrite
  into.written = written
  into.nonOverwrite = nonOverwrite
  into.readable = readable
}

/** Whether a page has to be in the cache before the stripe can go on. */
export function needsPage(array: MdArray, stripe: Stripe, analysis: Analysis, slot: number): boolean {
  const page = stripe.pages[slot]
  if ((page.flags & (LOCKED | UPTODATE)) !== 0) return false
  if (page.toRead.length > 0 || (page.toWrite.length > 0 && (page.flags & OVERWRITE) === 0)) return true
  const failed = analysis.firstFailed
  if (failed < 0) return false
  const missing = stripe.pages[failed]
  if (missing.toRead.length > 0) return true
  if (analysis.toWrite === 0) return false
  // A partial write to a page that is missing: its old contents have to be computed from all the others.
  if (missing.toWrite.length > 0 && (missing.flags & (UPTODATE | OVERWRITE)) === 0) return true
  // Where the parity cannot be trusted, all data has to be known, the missing data too.
  if (stripe.sector < array.resyncOffset) return false
  return failed !== stripe.parity && (missing.flags & (UPTODATE | OVERWRITE)) === 0
}

/** What a write of this stripe would have to read, by either way, and which way is taken. */
export interface WritePlan {
  readonly rmw: number
  readonly rcw: number
  /** Slots to read now. Empty when the write can begin. */
  readonly reads: number[]
  readonly way: 'rmw' | 'rcw'
}

export function planWrite(array: MdArray, stripe: Stripe, analysis: Analysis): WritePlan {
  const slots = stripe.pages.length
  let rmw = 0
  let rcw = 0
  const forced = array.resyncOffset < MAX_SECTOR && stripe.sector >= array.resyncOffset && analysis.failed === 0
  if (forced) {
    rcw = 1
    rmw = 2
  } else {
    for (let slot = 0; slot < slots; slot++) {
      const { flags, toWrite } = stripe.pages[slot]
      if ((flags & (LOCKED | UPTODATE)) !== 0) continue
      const cost = (analysis.readable & (1 << slot)) !== 0 ? 1 : 2 * slots
      if (toWrite.length > 0 || slot === stripe.parity) rmw += cost
      if (slot !== stripe.parity && (flags & OVERWRITE) === 0) rcw += cost
    }
  }
  const reads: number[] = []
  if (rmw < rcw && rmw > 0) {
    for (let slot = slots - 1; slot >= 0; slot--) {
      const page = stripe.pages[slot]
      if (page.toWrite.length === 0 && slot !== stripe.parity) continue
      if ((page.flags & (LOCKED | UPTODATE)) === 0 && (analysis.readable & (1 << slot)) !== 0) reads.push(slot)
    }
  } else if (rcw <= rmw && rcw > 0) {
    let missing = 0
    for (let slot = slots - 1; slot >= 0; slot--) {
      const { flags } = stripe.pages[slot]
      if (slot === stripe.parity || (flags & (OVERWRITE | LOCKED | UPTODATE)) !== 0) continue
      missing++
      if ((analysis.readable & (1 << slot)) !== 0) reads.push(slot)
    }
    if (forced) rcw = missing
  }
  return { rmw, rcw, reads, way: rcw === 0 || (rmw !== 0 && rcw <= rmw) ? 'rcw' : 'rmw' }
}
