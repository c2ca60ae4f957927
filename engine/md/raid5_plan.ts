/**
 * The choice between read-modify-write and reconstruct-write, and which pages to read: analyse, then plan. Nothing here does
 * anything; `raid5.ts` acts on the outcome.
 * @source analyse_stripe, need_this_block, handle_stripe_dirtying in drivers/md/raid5.c, 6.1
 */
import { MAX_SECTOR } from '../format/struct.ts'
import type { MdArray } from './array.ts'
import { worthMending } from './place.ts'
import { LOCKED, OVERWRITE, READ_ERROR, STRIPE_SECTORS, UPTODATE, type Stripe, type StripePage } from './stripe.ts'

export interface Analysis {
  /** How many slots cannot be read: missing, failed, not yet rebuilt, or with a read error; and the first two of them, or -1. */
  failed: number
  firstFailed: number
  secondFailed: number
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
    secondFailed: -1,
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
  let secondFailed = -1
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
    if ((page.flags & (UPTODATE | LOCKED)) === UPTODATE && worthMending(array, slot, stripe.sector, STRIPE_SECTORS)) {
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
      else if (secondFailed < 0) secondFailed = slot
      failed++
    }
  }
  into.failed = failed
  into.firstFailed = firstFailed
  into.secondFailed = secondFailed
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
  const { firstFailed, secondFailed } = analysis
  if (firstFailed < 0) return false
  const first = stripe.pages[firstFailed]
  const second = secondFailed < 0 ? null : stripe.pages[secondFailed]
  if (first.toRead.length > 0 || (second !== null && second.toRead.length > 0)) return true
  if (analysis.toWrite === 0) return false
  // A partial write to a page that is missing: its old contents have to be computed from all the others.
  if (partlyWritten(first) || (second !== null && partlyWritten(second))) return true
  // Where the parity cannot be trusted, or two are missing and one of them is parity or written, it is made anew from all data:
  // the missing data has to be known, too.
  const anew = second !== null && (hinders(stripe, firstFailed, first) || hinders(stripe, secondFailed, second))
  if (!anew && stripe.sector < array.resyncOffset) return false
  return lacksData(stripe, firstFailed, first) || (second !== null && lacksData(stripe, secondFailed, second))
}

function partlyWritten(page: StripePage): boolean {
  return page.toWrite.length > 0 && (page.flags & (UPTODATE | OVERWRITE)) === 0
}

/** Whether a missing page keeps the parity from being changed by a difference. */
function hinders(stripe: Stripe, slot: number, page: StripePage): boolean {
  const wanted = page.toWrite.length > 0 || slot === stripe.parity || slot === stripe.q
  return wanted && (page.flags & UPTODATE) === 0
}

/** Whether a missing page is data that will not be wholly overwritten, and is not known. */
function lacksData(stripe: Stripe, slot: number, page: StripePage): boolean {
  return slot !== stripe.parity && slot !== stripe.q && (page.flags & (UPTODATE | OVERWRITE)) === 0
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
      if (toWrite.length > 0 || slot === stripe.parity || slot === stripe.q) rmw += cost
      if (slot !== stripe.parity && slot !== stripe.q && (flags & OVERWRITE) === 0) rcw += cost
    }
  }
  const reads: number[] = []
  if (rmw < rcw && rmw > 0) {
    for (let slot = slots - 1; slot >= 0; slot--) {
      const page = stripe.pages[slot]
      if (page.toWrite.length === 0 && slot !== stripe.parity && slot !== stripe.q) continue
      if ((page.flags & (LOCKED | UPTODATE)) === 0 && (analysis.readable & (1 << slot)) !== 0) reads.push(slot)
    }
  } else if (rcw <= rmw && rcw > 0) {
    let missing = 0
    for (let slot = slots - 1; slot >= 0; slot--) {
      const { flags } = stripe.pages[slot]
      if (slot === stripe.parity || slot === stripe.q || (flags & (OVERWRITE | LOCKED | UPTODATE)) !== 0) continue
      missing++
      if ((analysis.readable & (1 << slot)) !== 0) reads.push(slot)
    }
    if (forced) rcw = missing
  }
  return { rmw, rcw, reads, way: rcw === 0 || (rmw !== 0 && rcw <= rmw) ? 'rcw' : 'rmw' }
}
