/**
 * One look at a stripe: analyse, plan, act, until nothing more can be done at this instant. Called whenever something about
 * the stripe has changed.
 * @source handle_stripe, drivers/md/raid5.c, 6.1
 */
import { FUA, READ, WRITE } from '../block/bio.ts'
import type { MdArray } from './array.ts'
import { workingReplacement, worthMending } from './place.ts'
import type { Raid5 } from './raid5.ts'
import { analyse, needsPage, planWrite, type Analysis } from './raid5_plan.ts'
import {
  LOCKED,
  OVERWRITE,
  READ_ERROR,
  REWRITTEN,
  STRIPE_SECTORS,
  UPTODATE,
  WANT_WRITE,
  type Stripe,
  type StripePart,
  type StripePlan,
} from './stripe.ts'

const PAGE = STRIPE_SECTORS * 512

export function handle(raid5: Raid5, stripe: Stripe): void {
  if (stripe.handling) {
    stripe.again = true
    return
  }
  stripe.handling = true
  do {
    stripe.again = false
    raid5.look(stripe)
  } while (stripe.again)
  stripe.handling = false
  rest(raid5, stripe)
}

export function look(raid5: Raid5, stripe: Stripe): void {
  const { array, analysis } = raid5
  analyse(array, stripe, analysis)
  if (analysis.failed > raid5.maxDegraded && stripe.parts > 0 && stripe.inflight === 0 && !stripe.bitmapWait) {
    failParts(raid5, stripe, analysis.readable)
    analyse(array, stripe, analysis)
  }
  if (analysis.written > 0 && stripe.inflight === 0) {
    finishWrites(raid5, stripe)
    analyse(array, stripe, analysis)
  }
  if (analysis.toRead > 0 && serveReads(raid5, stripe)) analyse(array, stripe, analysis)
  if (analysis.toRead > 0 || analysis.nonOverwrite > 0 || (analysis.toWrite > 0 && analysis.failed > 0)) {
    if (fill(raid5, stripe, analysis)) {
      stripe.again = true
      return
    }
    analyse(array, stripe, analysis)
  }
  if (analysis.toWrite > 0 && analysis.written === 0 && !stripe.bitmapWait) dirty(raid5, stripe, analysis)
  repairReadErrors(raid5, stripe)
}

/** Nothing to do any more? Then the stripe goes idle, and whoever waited for it, or for any stripe, goes on. */
function rest(raid5: Raid5, stripe: Stripe): void {
  const { array } = raid5
  if (stripe.state === 'idle' || stripe.parts > 0 || stripe.inflight > 0) return
  stripe.setState(array.sim, array.minor, 'idle')
  stripe.degradedWrite = false
  const waiters = stripe.waiters
  stripe.waiters = []
  raid5.release(stripe)
  for (const request of waiters) raid5.hand(request)
  raid5.stripeIdle(stripe.sector)
  raid5.wakeWaiting()
}

/** Too many members are gone: what cannot be had or made safe ends with EIO. */
export function failParts(raid5: Raid5, stripe: Stripe, readable: number): void {
  const { array } = raid5
  stripe.setState(array.sim, array.minor, 'reading', 'fail')
  for (const [slot, page] of stripe.pages.entries()) {
    const lost = [...page.toWrite, ...page.written]
    if (page.toWrite.length > 0) array.bitmap?.endWrite(stripe.sector, false)
    if (page.written.length > 0) array.bitmap?.endWrite(stripe.sector, false)
    page.toWrite = []
    page.written = []
    page.flags &= ~(OVERWRITE | WANT_WRITE)
    if ((readable & (1 << slot)) === 0 && (page.flags & UPTODATE) === 0) {
      lost.push(...page.toRead)
      page.toRead = []
    }
    stripe.parts -= lost.length
    for (const part of lost) raid5.partDone(part.request, 'EIO')
  }
}

/** Data and parity are on all members that are there. */
export function finishWrites(raid5: Raid5, stripe: Stripe): void {
  const { array } = raid5
  const { pages } = stripe
  const success = !stripe.degradedWrite
  for (let slot = 0; slot < pages.length; slot++) {
    const done = pages[slot].written
    if (done.length === 0) continue
    array.bitmap?.endWrite(stripe.sector, success)
    pages[slot].written = []
    stripe.parts -= done.length
    for (const part of done) raid5.partDone(part.request)
  }
}

/** Copies to readers what is in the cache. @returns whether anything was. */
export function serveReads(raid5: Raid5, stripe: Stripe): boolean {
  let any = false
  for (const page of stripe.pages) {
    if (page.toRead.length === 0 || (page.flags & (UPTODATE | LOCKED)) !== UPTODATE) continue
    any = true
    const parts = page.toRead
    page.toRead = []
    stripe.parts -= parts.length
    for (const part of parts) {
      raid5.array.sim.memory.copy(part.data, page.address + part.first * 512, part.count * 512)
      raid5.partDone(part.request)
    }
  }
  return any
}

/**
 * Reads, or computes, the pages that are needed. @returns true when something was computed: look again.
 * @source fetch_block, handle_stripe_fill, drivers/md/raid5.c, 6.1
 */
export function fill(raid5: Raid5, stripe: Stripe, analysis: Analysis): boolean {
  const { array } = raid5
  const { failed, firstFailed, secondFailed, uptodate } = analysis
  const slots = stripe.pages.length
  for (let slot = slots - 1; slot >= 0; slot--) {
    if (!needsPage(array, stripe, analysis, slot)) continue
    const isLost = slot === firstFailed || slot === secondFailed
    if (uptodate === slots - 1 && (isLost || (stripe.q >= 0 && slot === stripe.parity))) {
      if (analysis.locked > 0) continue
      compute(raid5, stripe, [slot])
      return true
    }
    if (stripe.q >= 0 && uptodate === slots - 2 && failed >= 2) {
      if (analysis.locked > 0) continue
      compute(
        raid5,
        stripe,
        stripe.pages.flatMap(({ flags }, other) => ((flags & UPTODATE) === 0 ? [other] : [])),
      )
      return true
    }
    if ((analysis.readable & (1 << slot)) !== 0) readPage(raid5, stripe, slot, failed > 0 ? 'compute' : 'read')
  }
  return false
}

export function readPage(raid5: Raid5, stripe: Stripe, slot: number, plan: StripePlan): void {
  const page = stripe.pages[slot]
  ensureAddress(raid5.array, stripe, slot)
  page.flags |= LOCKED
  stripe.setState(raid5.array.sim, raid5.array.minor, 'reading', plan)
  const part = firstPart(stripe)
  raid5.submitPage(stripe, slot, READ, 0, part)
}

/** The missing pages are made from all the others. */
function compute(raid5: Raid5, stripe: Stripe, lost: readonly number[]): void {
  for (const slot of lost) ensureAddress(raid5.array, stripe, slot)
  raid5.parity.recover(stripe.row, raid5.pageAddresses(stripe), lost, PAGE)
  for (const slot of lost) stripe.pages[slot].flags |= UPTODATE
}

/** Decides how the parity is made, reads what that takes, and when it is all there, writes. */
export function dirty(raid5: Raid5, stripe: Stripe, analysis: Analysis): void {
  const { array } = raid5
  const plan = planWrite(array, stripe, analysis)
  if (plan.reads.length > 0) {
    stripe.rmwReads = plan.rmw
    stripe.rcwReads = plan.rcw
    for (const slot of plan.reads) readPage(raid5, stripe, slot, plan.way)
    return
  }
  if (analysis.locked > 0 || (plan.rmw > 0 && plan.rcw > 0)) return
  drain(raid5, stripe, plan.way)
}

/** Takes the pending writes into the pages, makes the parity, and sends everything out. */
function drain(raid5: Raid5, stripe: Stripe, way: 'rmw' | 'rcw'): void {
  const { array, written } = raid5
  const { memory } = array.sim
  const { pages } = stripe
  written.length = 0
  for (let slot = 0; slot < pages.length; slot++) {
    ensureAddress(array, stripe, slot)
    if (pages[slot].toWrite.length > 0) written.push(slot)
  }
  const addresses = raid5.pageAddresses(stripe)
  // The old data goes out of the parity, and below the new data comes in.
  if (way === 'rmw') raid5.parity.add(stripe.row, addresses, written, PAGE)
  let flags = 0
  for (const slot of written) {
    const page = pages[slot]
    for (const part of page.toWrite) {
      memory.copy(page.address + part.first * 512, part.data, part.count * 512)
      flags |= part.request.bio.flags & FUA
    }
    const done = page.written
    page.written = page.toWrite
    page.toWrite = done
    page.flags = (page.flags & ~OVERWRITE) | UPTODATE | LOCKED | WANT_WRITE
  }
  if (way === 'rmw') raid5.parity.add(stripe.row, addresses, written, PAGE)
  else raid5.parity.make(stripe.row, addresses, PAGE)
  pages[stripe.parity].flags |= UPTODATE | LOCKED | WANT_WRITE
  if (stripe.q >= 0) pages[stripe.q].flags |= UPTODATE | LOCKED | WANT_WRITE
  const full = written.length === raid5.geometry.dataDisks && stripe.plan === 'none'
  stripe.setState(array.sim, array.minor, 'writing', full ? 'full' : way)
  raid5.send(stripe, flags)
}

/** The pages that are to be written go to their members. */
export function sendPages(raid5: Raid5, stripe: Stripe, flags: number): void {
  const { pages } = stripe
  const part = firstPart(stripe)
  for (let slot = pages.length - 1; slot >= 0; slot--) {
    if ((pages[slot].flags & WANT_WRITE) !== 0) writePage(raid5, stripe, slot, flags, pages[slot].written[0] ?? part)
  }
  if (stripe.inflight === 0) stripe.again = true
}

function writePage(raid5: Raid5, stripe: Stripe, slot: number, flags: number, part: StripePart | null): void {
  const page = stripe.pages[slot]
  page.flags &= ~WANT_WRITE
  const member = raid5.array.slots[slot]
  const replacement = workingReplacement(raid5.array, slot)
  const skipped =
    member === null || member.faulty || (member.writeErrorSeen && member.hasBadBlocks(stripe.sector, STRIPE_SECTORS))
  if (skipped && replacement === null) {
    page.flags &= ~LOCKED
    stripe.degradedWrite = true
    return
  }
  if (!skipped && replacement !== null) stripe.doubled |= 1 << slot
  if (!skipped) raid5.submitPage(stripe, slot, WRITE, flags, part)
  if (replacement !== null) raid5.submitTo(stripe, slot, replacement, WRITE, flags, part)
}

/** A page that could not be read and has been computed is written back, and then read to see whether it holds. */
export function repairReadErrors(raid5: Raid5, stripe: Stripe): void {
  const { array } = raid5
  const { pages } = stripe
  for (let slot = 0; slot < pages.length; slot++) {
    const page = pages[slot]
    if ((page.flags & READ_ERROR) === 0) continue
    const there =
      array.readable(slot, stripe.sector, STRIPE_SECTORS) || worthMending(array, slot, stripe.sector, STRIPE_SECTORS)
    if (!there) {
      page.flags &= ~(READ_ERROR | REWRITTEN)
      continue
    }
    if ((page.flags & (UPTODATE | LOCKED)) !== UPTODATE) continue
    page.flags |= LOCKED
    if ((page.flags & REWRITTEN) === 0) {
      page.flags |= REWRITTEN
      stripe.setState(array.sim, array.minor, 'writing', 'compute')
      const replacement = workingReplacement(array, slot)
      if (replacement !== null) stripe.doubled |= 1 << slot
      raid5.submitPage(stripe, slot, WRITE, 0, firstPart(stripe))
      if (replacement !== null) raid5.submitTo(stripe, slot, replacement, WRITE, 0, firstPart(stripe))
    } else {
      stripe.setState(array.sim, array.minor, 'reading', 'compute')
      raid5.submitPage(stripe, slot, READ, 0, firstPart(stripe))
    }
  }
}

export function ensureAddress(array: MdArray, stripe: Stripe, slot: number): void {
  const page = stripe.pages[slot]
  if (page.address === 0) page.address = array.sim.memory.allocate(PAGE)
}

/** Some part that the stripe is busy with: the one the I/O is put down to. */
function firstPart(stripe: Stripe): StripePart | null {
  for (const page of stripe.pages) {
    const part = page.toRead[0] ?? page.toWrite[0] ?? page.written[0]
    if (part !== undefined) return part
  }
  return null
}
