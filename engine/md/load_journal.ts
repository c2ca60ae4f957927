/**
 * Taking up the log of an array that starts: it is read from its tail to the first block that is not its own. Stripes whose data and parity
 * are there are written to the members, however far they had come; data without parity is logged again at the new tail, and goes
 * the usual way of a cached stripe. The new tail begins far behind in its numbers, so that nothing old is ever taken for what follows it.
 *
 *     │ old log, all of it read │ what is no log │
 *     ▲ tail                    ▲ new tail, its number 10000 higher
 *
 * @source r5l_load_log, r5l_recovery_log, r5c_recovery_flush_log, drivers/md/raid5-cache.c, 6.1
 */
import { crc32c } from '../base/crc32c.ts'
import { fail, type Failure } from '../base/errno.ts'
import { FUA, META, READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import {
  encodeJournalMeta,
  MD_JOURNAL_BLOCK_SECTORS,
  MD_JOURNAL_BYTES,
  payloadPages,
  readJournalHeader,
  readJournalPayloads,
  type JournalPayload,
} from '../format/md_journal.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { Procedure } from '../sim/procedure.ts'
import { CHANGE_DEVS } from './array.ts'
import { stateOf } from './journal_state.ts'
import { ScannedStripes, type ScannedStripe } from './journal_scan.ts'
import { FlushMembers } from './flush_members.ts'
import type { Member } from './member.ts'
import { ioEnded, memberOfTag, REPLACEMENT_TAG, workingReplacement } from './place.ts'
import { UPTODATE } from './stripe.ts'
import type { WriteJournal } from './write_journal.ts'

/** Blocks that are read at once. In Linux: R5L_RECOVERY_PAGE_POOL_SIZE. */
const READ_BLOCKS = 256
const SEQUENCE_GAP = 10000

export class LoadJournal extends Procedure implements BioOwner {
  readonly journal: WriteJournal
  failure: Failure | null
  readonly stripes: ScannedStripes
  position: number
  seq: number
  /** Stripes with data and parity that were written to the members. */
  replayed: number
  /** Blocks in memory: where they are, the first one's sector, how many. */
  private buffer: number
  private bufferFrom: number
  private bufferBlocks: number
  private readFailed: boolean
  /** The block under the glass: what it speaks of, its pages as far as they are verified, and the payload that is next. */
  payloads: readonly JournalPayload[]
  checksums: readonly number[]
  pages: number[]
  next: number
  /** What is being written to the log, to be freed. */
  private written: number[]
  /** Stripes whose data is logged again, and the next of them. */
  rewriting: number

  constructor(journal: WriteJournal) {
    super(journal.array.sim, 'read the tail')
    this.journal = journal
    this.failure = null
    this.stripes = new ScannedStripes(this.sim.memory, journal.array.raidDisks)
    this.position = 0
    this.seq = 0
    this.replayed = 0
    this.buffer = 0
    this.bufferFrom = 0
    this.bufferBlocks = 0
    this.readFailed = false
    this.payloads = []
    this.checksums = []
    this.pages = []
    this.next = 0
    this.written = []
    this.rewriting = 0
  }

  override steps() {
    return STEPS
  }

  bioDone(bio: Bio): void {
    if (bio.op === READ && bio.status !== 'OK') this.readFailed = true
    const member = this.memberOf(bio.tag)
    ioEnded(this.journal.array, member)
    if (bio.op === WRITE && bio.status !== 'OK' && member !== null) this.journal.array.memberFailed(member)
    this.arrived()
  }

  private memberOf(tag: number): Member | null {
    return tag < 0 ? this.journal.member : memberOfTag(this.journal.array, tag)
  }

  private submit(
    slot: number,
    op: typeof READ | typeof WRITE,
    flags: number,
    sector: number,
    sectors: number,
    data: number,
  ): void {
    const member = this.memberOf(slot)
    if (member === null) return
    member.pending++
    this.expect()
    const at = member.dataOffset + sector
    member.device.submit(new Bio(this.sim, this, op, flags, at, sectors, data, this.journal.cause, 0, slot))
  }

  /** A block of the log, if it is in memory; where it is not, it is fetched, and the step has to come again. */
  block(sector: number): Uint8Array | 'wait' | 'unreadable' {
    const at = (sector - this.bufferFrom) / MD_JOURNAL_BLOCK_SECTORS
    if (this.buffer !== 0 && at >= 0 && at < this.bufferBlocks) {
      if (this.readFailed) return 'unreadable'
      const from = this.buffer + at * MD_JOURNAL_BYTES
      return this.sim.memory.bytes.subarray(from, from + MD_JOURNAL_BYTES)
    }
    if (this.buffer === 0) this.buffer = this.sim.memory.allocate(READ_BLOCKS * MD_JOURNAL_BYTES)
    this.readFailed = false
    this.bufferFrom = sector
    this.bufferBlocks = Math.min(READ_BLOCKS, (this.journal.sectors - sector) / MD_JOURNAL_BLOCK_SECTORS)
    this.submit(JOURNAL, READ, SYNC, sector, this.bufferBlocks * MD_JOURNAL_BLOCK_SECTORS, this.buffer)
    return 'wait'
  }

  /** Writes some bytes to the log. */
  writeBytes(sector: number, bytes: Uint8Array, flags: number): void {
    const address = this.sim.memory.allocate(bytes.length)
    this.sim.memory.bytes.set(bytes, address)
    this.written.push(address)
    this.submit(JOURNAL, WRITE, flags, sector, bytes.length / 512, address)
  }

  writePage(slot: number, sector: number, page: number): void {
    this.submit(slot, WRITE, SYNC, sector, MD_JOURNAL_BLOCK_SECTORS, page)
  }

  writeMeta(sector: number, seq: number, payloads: readonly JournalPayload[]): void {
    const meta = encodeJournalMeta(this.journal.seed, { seq, position: sector, payloads })
    this.writeBytes(sector, meta, SYNC | FUA | META)
  }

  freeWritten(): void {
    for (const address of this.written.splice(0)) this.sim.memory.free(address)
  }

  freePages(): void {
    for (const page of this.pages.splice(0)) if (page !== 0) this.sim.memory.free(page)
  }

  /** Whether a payload speaks of something that there is. */
  private isPlace(payload: JournalPayload): boolean {
    const { array } = this.journal
    if (payload.kind === 'flush') return true
    const end = payload.kind === 'data' ? array.sectors : array.memberSectors
    return payload.location % MD_JOURNAL_BLOCK_SECTORS === 0 && payload.location < end
  }

  /** The block at the present position, if it is the one that has to be there. */
  accept(block: Uint8Array): boolean {
    const { journal } = this
    const header = readJournalHeader(journal.seed, block)
    if (header === null || header.seq !== this.seq || header.position !== this.position) return false
    if (header.meta_size > MD_JOURNAL_BYTES) return false
    const payloads = readJournalPayloads(header, block, journal.raid5.maxDegraded)
    const wrong = payloads === null || !payloads.every((payload) => this.isPlace(payload))
    this.payloads = wrong ? NOTHING : payloads
    this.checksums = this.payloads.flatMap((payload) => (payload.kind === 'flush' ? [] : payload.checksums))
    this.next = 0
    return true
  }

  /** Goes on with the block behind the present one. */
  advance(pages: number): string {
    this.position = this.journal.ringAdd(this.position, (1 + pages) * MD_JOURNAL_BLOCK_SECTORS)
    this.seq++
    return 'look at a block'
  }

  /** Writes a stripe to its members, if there is data of it: parity alone was written before. @source r5l_recovery_replay_one_stripe */
  replay(stripe: ScannedStripe): void {
    const { geometry } = this.journal.raid5
    const row = Math.floor(stripe.sector / geometry.chunkSectors)
    const parity = [geometry.paritySlot(row), geometry.qSlot(row)]
    if (stripe.pages.every((page, slot) => page === 0 || parity.includes(slot))) return
    this.replayed++
    stripe.pages.forEach((page, slot) => {
      if (page === 0) return
      this.writePage(slot, stripe.sector, page)
      if (workingReplacement(this.journal.array, slot) === null) return
      this.writePage(slot | REPLACEMENT_TAG, stripe.sector, page)
    })
  }

  /** The log is read: where it goes on. */
  close(tail: number): void {
    const { journal } = this
    journal.head = this.position
    journal.seq = this.seq
    journal.tail = tail
    journal.begins = tail
    journal.member.journalTail = tail
    journal.array.changes |= CHANGE_DEVS
    if (this.buffer !== 0) this.sim.memory.free(this.buffer)
    this.buffer = 0
  }
}

/** Stands for the journal, where a slot would. */
const JOURNAL = -1
/** What a block says that speaks of what cannot be: nothing of it is believed. */
const NOTHING: readonly JournalPayload[] = [{ kind: 'flush', stripes: [-1] }]

const STEPS = {
  'read the tail': (load: LoadJournal): string => {
    const { journal } = load
    const { journalTail: tail } = journal.member
    load.position = tail >= journal.sectors || tail % MD_JOURNAL_BLOCK_SECTORS !== 0 ? 0 : tail
    return 'judge the tail'
  },

  'judge the tail': (load: LoadJournal): string => {
    const { journal } = load
    const block = load.block(load.position)
    if (block === 'wait') return 'judge the tail'
    if (block === 'unreadable') {
      load.failure = fail('EINVAL', `the log on /dev/${journal.member.name} cannot be read`)
      load.close(load.position)
      return ''
    }
    const header = readJournalHeader(journal.seed, block)
    if (header !== null && header.position === load.position) {
      load.seq = header.seq
      return 'look at a block'
    }
    load.position = 0
    load.seq = load.sim.chance('md journal').uint32()
    return 'begin the log'
  },

  'look at a block': (load: LoadJournal): string => {
    const block = load.block(load.position)
    if (block === 'wait') return 'look at a block'
    if (block === 'unreadable' || !load.accept(block)) return 'write what is complete'
    // Data that is not what the block says: all of it is dropped, and the block behind the meta block is looked at.
    if (load.payloads === NOTHING) return load.advance(0)
    return 'verify its pages'
  },

  'verify its pages': (load: LoadJournal): string => {
    const { journal, checksums, pages } = load
    while (pages.length < checksums.length) {
      const sector = journal.ringAdd(load.position, (1 + pages.length) * MD_JOURNAL_BLOCK_SECTORS)
      const block = load.block(sector)
      if (block === 'wait') return 'verify its pages'
      if (block === 'unreadable' || crc32c(journal.seed, block) !== checksums[pages.length]) {
        load.freePages()
        return load.advance(0)
      }
      const page = load.sim.memory.allocate(MD_JOURNAL_BYTES)
      load.sim.memory.bytes.set(block, page)
      pages.push(page)
    }
    return 'take its pages'
  },

  'take its pages': (load: LoadJournal): string => {
    const { journal, payloads, stripes } = load
    const { memory } = load.sim
    const { geometry, maxDegraded } = journal.raid5
    const count = load.checksums.length
    for (; load.next < payloads.length; load.next++) {
      const payload = payloads[load.next]
      if (payload.kind === 'flush') {
        for (const sector of payload.stripes) {
          const stripe = stripes.find(sector)
          if (stripe !== undefined) stripes.drop(stripe)
        }
        continue
      }
      const first = payloads.slice(0, load.next).reduce((sum, one) => sum + payloadPages(one), 0)
      if (payload.kind === 'data') {
        const { slot, sector } = geometry.locate(payload.location)
        const stripe = stripes.at(sector)
        if (stripe.complete) {
          // It was complete before, and is written again: first what was.
          load.replay(stripe)
          return 'forget what is written'
        }
        stripe.put(memory, slot, load.pages[first])
      } else {
        const stripe = stripes.at(payload.location)
        const row = Math.floor(payload.location / geometry.chunkSectors)
        stripe.put(memory, geometry.paritySlot(row), load.pages[first])
        if (maxDegraded === 2) stripe.put(memory, geometry.qSlot(row), load.pages[first + 1])
        stripe.complete = true
      }
      for (let i = 0; i < payloadPages(payload); i++) load.pages[first + i] = 0
    }
    load.freePages()
    return load.advance(count)
  },

  'forget what is written': (load: LoadJournal): string => {
    const { payloads, next, stripes, journal } = load
    const payload = payloads[next]
    if (payload.kind === 'data') {
      const stripe = stripes.at(journal.raid5.geometry.locate(payload.location).sector)
      stripe.clear(load.sim.memory)
      stripes.moveToEnd(stripe)
    }
    return 'take its pages'
  },

  'write what is complete': (load: LoadJournal): string => {
    const stripe = load.stripes.list.find(({ complete }) => complete)
    if (stripe === undefined) {
      load.call(new FlushMembers(load.journal.array, load.journal.cause))
      return 'go on behind it'
    }
    load.replay(stripe)
    return 'drop what is complete'
  },

  'go on behind it': (load: LoadJournal): string => {
    load.seq += SEQUENCE_GAP
    return load.stripes.list.length === 0 ? 'begin the log' : 'log data again'
  },

  'drop what is complete': (load: LoadJournal): string => {
    const stripe = load.stripes.list.find(({ complete }) => complete)
    if (stripe !== undefined) load.stripes.drop(stripe)
    return 'write what is complete'
  },

  'begin the log': (load: LoadJournal): string => {
    load.writeMeta(load.position, load.seq, [])
    return 'the log begins'
  },

  'the log begins': (load: LoadJournal): string => {
    const tail = load.position
    load.freeWritten()
    load.journal.nextTail = tail
    load.advance(0)
    load.close(tail)
    return ''
  },

  'log data again': (load: LoadJournal): string => {
    const { journal, stripes, position } = load
    const { raid5 } = journal
    load.freeWritten()
    const scanned = stripes.list[load.rewriting]
    let at = position
    const payloads: JournalPayload[] = []
    for (let slot = scanned.pages.length - 1; slot >= 0; slot--) {
      const page = scanned.pages[slot]
      if (page === 0) continue
      at = journal.ringAdd(at, MD_JOURNAL_BLOCK_SECTORS)
      const bytes = load.sim.memory.bytes
      const checksum = crc32c(journal.seed, bytes, page, page + MD_JOURNAL_BYTES)
      payloads.push({ kind: 'data', location: raid5.geometry.arraySector(slot, scanned.sector), checksums: [checksum] })
      load.writeBytes(at, bytes.slice(page, page + MD_JOURNAL_BYTES), SYNC)
    }
    load.payloads = payloads
    return 'log what it is'
  },

  'log what it is': (load: LoadJournal): string => {
    load.freeWritten()
    load.writeMeta(load.position, load.seq, load.payloads)
    return 'the next to be logged again'
  },

  'the next to be logged again': (load: LoadJournal): string => {
    const { journal, stripes, position } = load
    load.freeWritten()
    journal.nextTail = position
    if (load.rewriting === 0) journal.tail = position
    cache(load, stripes.list[load.rewriting], position)
    load.advance(load.payloads.length)
    if (++load.rewriting < stripes.list.length) return 'log data again'
    load.close(journal.tail)
    stripes.list = []
    journal.cache.writeBack = true
    journal.cache.end(false)
    return 'wait until it is on the members'
  },

  'wait until it is on the members': (load: LoadJournal): string => {
    if (!load.journal.writeBack) return ''
    load.sleep(100 * MICROSECOND)
    return 'wait until it is on the members'
  },
}

/** The stripe is in the cache from now on, as one that was written write-back. @source r5c_recovery_load_one_stripe */
function cache(load: LoadJournal, scanned: ScannedStripe, start: number): void {
  const { journal } = load
  const { raid5 } = journal
  if (raid5.cache.active().length >= raid5.cache.capacity) raid5.cache.capacity *= 2
  const stripe = raid5.cache.get(scanned.sector)
  if (stripe === undefined) return
  const state = stateOf(stripe)
  state.caching = true
  scanned.pages.forEach((address, slot) => {
    if (address === 0) return
    const page = stripe.pages[slot]
    if (page.address !== 0) load.sim.memory.free(page.address)
    page.address = address
    page.flags |= UPTODATE
    state.logged |= 1 << slot
  })
  scanned.pages.fill(0)
  journal.cache.enter(stripe, state, start)
}
