/**
 * Stripes of an array whose journal is write-back: data that stays in the log and in the cache, and the way of such a stripe to its
 * members, when its parity has to be made from what they hold and what they do not know yet.
 * @source r5c_try_caching_write, drivers/md/raid5-cache.c; handle_stripe_dirtying, schedule_reconstruction, drivers/md/raid5.c, 6.1
 */
import { FUA, PREFLUSH, READ, SYNC, Bio } from '../block/bio.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { JournaledRaid5 } from './journaled_raid5.ts'
import type { JournalState } from './journal_state.ts'
import { ensureAddress, handle, readPage } from './raid5_handle.ts'
import { LOCKED, OVERWRITE, READ_ERROR, STRIPE_SECTORS, UPTODATE, WANT_WRITE, type Stripe } from './stripe.ts'
import type { WriteJournal } from './write_journal.ts'

const PAGE = STRIPE_SECTORS * 512
/** Added to a slot: the bio reads what the member holds of a page whose newer contents are in the cache. */
const ORIGINAL = 256

/**
 * Takes pending writes into the cache and the log, if they cover their pages and nothing is wrong with the stripe.
 * @returns false where they have to go to the members
 */
export function tryCaching(raid5: JournaledRaid5, log: WriteJournal, stripe: Stripe, state: JournalState): boolean {
  const { analysis, array } = raid5
  if (!state.caching) {
    if (state.logged !== 0) return false
    state.caching = true
  }
  const partial = stripe.pages.some(
    ({ toWrite, flags }, slot) => toWrite.length > 0 && (flags & OVERWRITE) === 0 && (state.logged & (1 << slot)) === 0,
  )
  if (analysis.failed > 0 || log.cache.leaving || log.failed || partial) {
    state.caching = false
    return false
  }
  if (analysis.locked > 0) return true
  for (const slot of stripe.pages.keys()) takeWrites(raid5, stripe, state, slot)
  stripe.setState(array.sim, array.minor, 'logging', 'none')
  log.cacheStripe(stripe)
  return true
}

/** The pending writes of a page go into it. @returns the flags of the members' writes */
function takeWrites(raid5: JournaledRaid5, stripe: Stripe, state: JournalState, slot: number): number {
  const page = stripe.pages[slot]
  if (page.toWrite.length === 0) return 0
  ensureAddress(raid5.array, stripe, slot)
  let flags = 0
  for (const part of page.toWrite) {
    raid5.array.sim.memory.copy(page.address + part.first * 512, part.data, part.count * 512)
    flags |= part.request.bio.flags & FUA
    if ((part.request.bio.flags & PREFLUSH) !== 0) state.preflush = true
  }
  const done = page.written
  page.written = page.toWrite
  page.toWrite = done
  page.flags = (page.flags & ~OVERWRITE) | UPTODATE | LOCKED | WANT_WRITE
  state.logged &= ~(1 << slot)
  if (flags !== 0) state.durable |= 1 << slot
  return flags
}

/** How a cached stripe's parity is made: what is missing for either way, and which way is taken. */
export function writeOutStripe(raid5: JournaledRaid5, log: WriteJournal, stripe: Stripe, state: JournalState): void {
  const { analysis, array } = raid5
  const slots = stripe.pages.length
  const isParity = (slot: number): boolean => slot === stripe.parity || slot === stripe.q
  const isLogged = (slot: number): boolean => (state.logged & (1 << slot)) !== 0
  const isReadable = (slot: number): boolean => (analysis.readable & (1 << slot)) !== 0
  const isLate = (slot: number): boolean =>
    state.logged !== 0 && (log.cache.critical || analysis.failed > 0 || !isReadable(slot))
  const isTaken = (slot: number): boolean => stripe.pages[slot].toWrite.length > 0 && !isLate(slot)
  const lacksForRmw = (slot: number): boolean => {
    const { flags } = stripe.pages[slot]
    if ((flags & LOCKED) !== 0 || !(isTaken(slot) || isParity(slot) || isLogged(slot))) return false
    return (flags & UPTODATE) === 0 || (isLogged(slot) && (state.known & (1 << slot)) === 0)
  }
  const lacksForRcw = (slot: number): boolean => {
    const { flags } = stripe.pages[slot]
    const overwritten = (flags & OVERWRITE) !== 0 && !isLate(slot)
    return !isParity(slot) && !overwritten && (flags & (LOCKED | UPTODATE)) === 0
  }
  const all = [...stripe.pages.keys()].reverse()
  const cost = (lacks: (slot: number) => boolean): number =>
    all.filter(lacks).reduce((sum, slot) => sum + (isReadable(slot) ? 1 : 2 * slots), 0)
  const forced = array.resyncOffset < MAX_SECTOR && stripe.sector >= array.resyncOffset && analysis.failed === 0
  const rmw = forced ? slots : cost(lacksForRmw)
  const rcw = cost(lacksForRcw)
  stripe.rmwReads = rmw
  stripe.rcwReads = rcw
  if (rmw >= 2 * slots && rcw >= 2 * slots) {
    computeLost(raid5, stripe, state)
    return
  }
  if (rmw > 0 && rcw > 0) {
    const way = rmw < rcw ? 'rmw' : 'rcw'
    for (const slot of all.filter(way === 'rmw' ? lacksForRmw : lacksForRcw)) {
      if (!isReadable(slot)) continue
      if (way === 'rmw' && isLogged(slot)) readOriginal(raid5, stripe, state, slot)
      else readPage(raid5, stripe, slot, way)
    }
    return
  }
  if (analysis.locked > 0) return
  const way = rcw === 0 ? 'rcw' : 'rmw'
  const taken = all.filter(isTaken).reverse()
  const logged = all.filter(isLogged).reverse()
  if (taken.length === 0 && logged.length === 0) return
  makeParity(raid5, stripe, state, taken, logged, way)
}

/**
 * Neither way leads anywhere: what is lost is computed from what the members hold, which is what their parity knows.
 * @differs the kernel waits for ever
 */
function computeLost(raid5: JournaledRaid5, stripe: Stripe, state: JournalState): void {
  const { analysis, array } = raid5
  const slots = [...stripe.pages.keys()]
  const isLogged = (slot: number): boolean => (state.logged & (1 << slot)) !== 0
  const isReadable = (slot: number): boolean => (analysis.readable & (1 << slot)) !== 0
  let reads = analysis.locked
  for (const slot of slots) {
    const { flags } = stripe.pages[slot]
    if (!isReadable(slot) || (flags & LOCKED) !== 0) continue
    if (isLogged(slot) ? (state.known & (1 << slot)) !== 0 : (flags & UPTODATE) !== 0) continue
    reads++
    if (isLogged(slot)) readOriginal(raid5, stripe, state, slot)
    else readPage(raid5, stripe, slot, 'compute')
  }
  if (reads > 0) return
  const { memory } = array.sim
  const lost = slots.filter(
    (slot) => !isReadable(slot) && (isLogged(slot) || (stripe.pages[slot].flags & UPTODATE) === 0),
  )
  const addresses = slots.map((slot) => {
    ensureAddress(array, stripe, slot)
    if (!isLogged(slot)) return stripe.pages[slot].address
    if (state.originals[slot] === 0) state.originals[slot] = memory.allocate(PAGE)
    return state.originals[slot]
  })
  raid5.parity.recover(stripe.row, addresses, lost, PAGE)
  for (const slot of lost) {
    if (isLogged(slot)) state.known |= 1 << slot
    else stripe.pages[slot].flags |= UPTODATE
  }
  stripe.again = true
}

/** The stripe's new parity; then everything goes to the log that is not there, and behind it to the members. */
function makeParity(
  raid5: JournaledRaid5,
  stripe: Stripe,
  state: JournalState,
  taken: readonly number[],
  logged: readonly number[],
  way: 'rmw' | 'rcw',
): void {
  const { array, parity, written } = raid5
  for (const slot of stripe.pages.keys()) ensureAddress(array, stripe, slot)
  written.length = 0
  written.push(...new Set([...taken, ...logged]))
  if (way === 'rmw') {
    const old = raid5
      .pageAddresses(stripe)
      .map((address, slot) => ((state.logged & (1 << slot)) !== 0 ? state.originals[slot] : address))
    parity.add(stripe.row, old, written, PAGE)
  }
  let flags = 0
  for (const slot of taken) flags |= takeWrites(raid5, stripe, state, slot)
  const addresses = raid5.pageAddresses(stripe)
  if (way === 'rmw') parity.add(stripe.row, addresses, written, PAGE)
  else parity.make(stripe.row, addresses, PAGE)
  for (const slot of written) stripe.pages[slot].flags |= LOCKED | WANT_WRITE
  for (const slot of [stripe.parity, stripe.q])
    if (slot >= 0) stripe.pages[slot].flags |= UPTODATE | LOCKED | WANT_WRITE
  stripe.setState(array.sim, array.minor, 'writing', way)
  raid5.send(stripe, flags)
}

/** Reads what a member holds of a page whose newer contents are in the cache. */
function readOriginal(raid5: JournaledRaid5, stripe: Stripe, state: JournalState, slot: number): void {
  const { array } = raid5
  const { sim } = array
  const member = array.slots[slot]
  if (member === null) return
  if (state.originals[slot] === 0) state.originals[slot] = sim.memory.allocate(PAGE)
  stripe.pages[slot].flags |= LOCKED
  stripe.setState(sim, array.minor, 'reading', 'rmw')
  stripe.inflight++
  member.pending++
  const at = member.dataOffset + stripe.sector
  const data = state.originals[slot]
  member.device.submit(
    new Bio(sim, stripe, READ, SYNC, at, STRIPE_SECTORS, data, array.causes.sync, 0, slot + ORIGINAL),
  )
}

/** @returns false where the bio is none of these. */
export function originalRead(raid5: JournaledRaid5, stripe: Stripe, bio: Bio): boolean {
  const slot = bio.tag & ~ORIGINAL
  const state = stripe.journal
  if (slot === bio.tag || state === null) return false
  const member = raid5.array.slots[slot]
  if (member !== null && member.pending > 0) member.pending--
  stripe.inflight--
  const page = stripe.pages[slot]
  page.flags &= ~LOCKED
  // A page that cannot be read is as good as lost until the stripe is written.
  if (bio.status === 'OK') state.known |= 1 << slot
  else page.flags |= READ_ERROR
  handle(raid5, stripe)
  return true
}
