/**
 * A piece of the log: a meta block and the pages it speaks of, written by one request, or by two where the ring begins anew.
 *
 *     open ──closed, or full──► sent ──in the device──► logged ──its stripes need it no more──► over
 *
 * @source r5l_io_unit, drivers/md/raid5-cache.c, 6.1
 */
import { FUA, PREFLUSH, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import {
  encodeJournalMeta,
  MD_JOURNAL_BLOCK,
  MD_JOURNAL_BLOCK_SECTORS,
  MD_JOURNAL_BYTES,
  payloadBytes,
  type JournalPayload,
} from '../format/md_journal.ts'
import type { Stripe } from './stripe.ts'
import type { WriteJournal } from './write_journal.ts'

export type UnitState = 'open' | 'sent' | 'logged' | 'over'

/** How many stripes are put together at most: the kernel handles so many at once. In Linux: MAX_STRIPE_BATCH. */
const STRIPES_MAX = 8

export class JournalUnit implements BioOwner {
  readonly journal: WriteJournal
  readonly seq: number
  /** Its sector in the log. */
  readonly start: number
  readonly payloads: JournalPayload[]
  private metaBytes: number
  /** Addresses of the pages behind the meta block. */
  private readonly pages: number[]
  readonly stripes: Stripe[]
  /** What still needs it: stripes, flushes, and the list of stripes that are on the members. */
  needed: number
  state: UnitState
  /** Goes out only when it is the first one under way: the log before it must be there. */
  deferred: boolean
  flags: number
  /** Flushes of the array that are done when this is in the device. */
  readonly flushes: Bio[]
  hasFlushPayload: boolean
  private buffer: number
  private inflight: number
  private failed: boolean

  constructor(journal: WriteJournal, seq: number, start: number) {
    this.journal = journal
    this.seq = seq
    this.start = start
    this.payloads = []
    this.metaBytes = MD_JOURNAL_BLOCK.size
    this.pages = []
    this.stripes = []
    this.needed = 0
    this.state = 'open'
    this.deferred = false
    this.flags = 0
    this.flushes = []
    this.hasFlushPayload = false
    this.buffer = 0
    this.inflight = 0
    this.failed = false
  }

  /** Whether so many bytes of meta data find room. */
  hasRoom(bytes: number): boolean {
    return this.metaBytes + bytes <= MD_JOURNAL_BYTES
  }

  get isFull(): boolean {
    return this.stripes.length >= STRIPES_MAX
  }

  add(payload: JournalPayload, pages: readonly number[]): void {
    this.payloads.push(payload)
    this.metaBytes += payloadBytes(payload)
    this.pages.push(...pages)
  }

  /** Sends it to the device. */
  send(): void {
    const { journal, pages, seq, start, payloads } = this
    const { sim } = journal.array
    const { memory } = sim
    this.state = 'sent'
    const blocks = pages.length + 1
    this.buffer = memory.allocate(blocks * MD_JOURNAL_BYTES)
    memory.bytes.set(encodeJournalMeta(journal.seed, { seq, position: start, payloads }), this.buffer)
    pages.forEach((page, i) => memory.copy(this.buffer + (i + 1) * MD_JOURNAL_BYTES, page, MD_JOURNAL_BYTES))
    pages.length = 0
    const sectors = blocks * MD_JOURNAL_BLOCK_SECTORS
    const first = Math.min(sectors, journal.sectors - start)
    this.inflight = first < sectors ? 2 : 1
    this.submit(start, first, this.buffer)
    if (first < sectors) this.submit(0, sectors - first, this.buffer + first * 512)
  }

  private submit(sector: number, sectors: number, data: number): void {
    const { journal, flags } = this
    const { member, array } = journal
    member.pending++
    const bio = new Bio(array.sim, this, WRITE, flags, member.dataOffset + sector, sectors, data, journal.cause)
    member.device.submit(bio)
  }

  bioDone(bio: Bio): void {
    const { journal } = this
    journal.member.pending--
    if (bio.status !== 'OK') this.failed = true
    if (--this.inflight > 0) return
    journal.array.sim.memory.free(this.buffer)
    this.buffer = 0
    this.state = 'logged'
    journal.unitLogged(this, this.failed)
  }

  /** The device is flushed before it, or with it. */
  get wantsFlush(): boolean {
    return (this.flags & (PREFLUSH | FUA)) !== 0
  }
}
