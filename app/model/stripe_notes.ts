/**
 * The notes beside the stage: what the stripe cache is doing about a few stripes. A stripe takes microseconds, so a note stays for a
 * moment after its stripe is through, marked as over, and a place that is taken is not given to another before.
 */
import {
  STRIPE_OVERWRITE,
  STRIPE_TO_WRITE,
  STRIPE_UPTODATE,
  STRIPE_WANT_READ,
  STRIPE_WANT_WRITE,
  STRIPE_LOCKED,
  type ArrayFrame,
  type StripeFrame,
  type StripePlan,
} from '../../engine/api/frame.ts'
import type { ChunkMap } from '../../engine/api/array_map.ts'
import { keepSame } from './keep_same.ts'
import type { StripeAct, StripeWork } from './scene.ts'

/** Plans, as short as they are said on a chunk. */
export const PLAN_WORDS: Readonly<Record<StripePlan, string>> = {
  none: '',
  rmw: 'rmw',
  rcw: 'rcw',
  full: 'full stripe',
  degraded: 'degraded',
  read: '',
  reconstruct: 'reconstruct',
  sync: 'resync',
  check: 'check',
  repair: 'repair',
}

const PLAN_TITLES: Readonly<Record<StripePlan, string>> = {
  none: 'waiting',
  rmw: 'read-modify-write',
  rcw: 'reconstruct-write',
  full: 'full-stripe write',
  degraded: 'degraded write',
  read: 'read',
  reconstruct: 'reconstruct to read',
  sync: 'resync',
  check: 'check',
  repair: 'repair',
}

const NOTES_MAX = 4
/** How long a note stays after its stripe is through, in milliseconds of real time. */
const LINGER = 900

interface Kept {
  work: StripeWork
  goneAt: number
}

export class StripeNotes {
  readonly #kept = new Map<string, Kept>()
  shown: readonly StripeWork[] = []

  update(frame: ArrayFrame, map: ChunkMap, ended: ReadonlyMap<number, number>, real: number): void {
    const busy = new Map(frame.stripes.map((stripe) => [String(stripe.sector), stripe]))
    for (const [key, kept] of this.#kept) {
      const stripe = busy.get(key)
      if (stripe) {
        kept.work = keepSame(kept.work, describeStripe(stripe, map, ended, kept.work))
        kept.goneAt = Infinity
        continue
      }
      if (kept.goneAt === Infinity) {
        kept.goneAt = real
        kept.work = { ...kept.work, isOver: true, acts: kept.work.acts.map((act) => ({ ...act, isDone: true })) }
      }
      if (real - kept.goneAt > LINGER) this.#kept.delete(key)
    }
    for (const stripe of frame.stripes) {
      if (this.#kept.size >= NOTES_MAX) break
      const key = String(stripe.sector)
      if (this.#kept.has(key) || stripe.plan === 'none') continue
      this.#kept.set(key, { work: describeStripe(stripe, map, ended), goneAt: Infinity })
    }
    this.shown = [...this.#kept.values()].map(({ work }) => work).sort((a, b) => a.sector - b.sector)
  }
}

/** A stripe in the words of its note. */
export function describeStripe(
  stripe: StripeFrame,
  map: ChunkMap,
  ended: ReadonlyMap<number, number>,
  before?: StripeWork,
): StripeWork {
  const { chunkSectors } = map
  const row = Math.floor(stripe.sector / chunkSectors)
  const page = Math.floor((stripe.sector - row * chunkSectors) / 8)
  const name = (slot: number): string => map.nameAt(row, slot)
  const done = ended.get(stripe.sector) ?? 0
  const reads: [number, boolean][] = []
  const writes: [number, boolean][] = []
  stripe.members.forEach((flags, slot) => {
    const isWritten = (flags & (STRIPE_TO_WRITE | STRIPE_OVERWRITE | STRIPE_WANT_WRITE)) !== 0
    const hasEnded = (done & (1 << slot)) !== 0
    if (isWritten || hasEnded) writes.push([slot, hasEnded])
    else if ((flags & (STRIPE_WANT_READ | STRIPE_UPTODATE | STRIPE_LOCKED)) !== 0) {
      reads.push([slot, (flags & STRIPE_UPTODATE) !== 0])
    }
  })
  const isParity = (slot: number): boolean => map.isParity(row, slot)
  const acts = [...grouped('read', reads, name, isParity), ...grouped('write', writes, name, isParity)]
  const work: StripeWork = {
    key: String(stripe.sector),
    row,
    sector: stripe.sector,
    title: `${PLAN_TITLES[stripe.plan]}, page ${page}`,
    acts,
    why: stripe.why,
    isOver: false,
  }
  return before ? { ...work, acts: keepSame(before.acts, acts) } : work
}

/** One act for what is done, one for what is under way, and parity apart from data. */
function grouped(
  verb: string,
  slots: readonly [number, boolean][],
  name: (slot: number) => string,
  isParity: (slot: number) => boolean,
): StripeAct[] {
  const acts: StripeAct[] = []
  for (const isOfParity of [false, true]) {
    for (const isDone of [true, false]) {
      const own = slots.filter(([slot, done]) => done === isDone && isParity(slot) === isOfParity).map(([slot]) => slot)
      if (own.length > 0) acts.push({ text: `${verb} ${own.map(name).join(' ')}`, isDone, isParity: isOfParity })
    }
  }
  return acts
}
