/** Who set what, gathered from the trace: the last change of each state that a person can ask about, and what was at work then. */
import type { ArrayFrame, Frame } from '../../engine/api/frame.ts'
import { TRACE, TRACE_COLUMNS, WRITE } from '../../engine/api/vocabulary.ts'

export interface Deed {
  readonly time: number
  readonly text: string
  /** The bio that brought it about, or 0. */
  readonly bio: number
  /** Index of the command that was under way, or 0. */
  readonly cause: number
}

interface Written {
  readonly bio: number
  readonly minor: number
  readonly sector: number
  readonly sectors: number
}

const MD_MAJOR = 9
const MINORS = 1048576
/** Of so many writes it is known which bits they set. */
const WRITES_KEPT = 256
const DEEDS_KEPT = 10_000

const MEMBER_WORDS = ['in sync', 'being rebuilt', 'failed', 'a spare']
const SYNC_WORDS = ['resync', 'rebuild', 'check', 'repair']

const DEEDS: ReadonlySet<number> = new Set([
  ...[TRACE.command_begin, TRACE.command_end, TRACE.array_state, TRACE.superblock_write, TRACE.bitmap_disk_bit],
  ...[TRACE.member_state, TRACE.sync_begin, TRACE.fault, TRACE.disk_state],
])

export class DeedBook {
  readonly #deeds = new Map<string, Deed>()
  #writes: Written[] = []
  #command = 0

  /** @param what as this book names it: `array 0`, `bit 0 7`, `member 0 2`, `disk 1`, `fault 3`, `superblock 0`, `sync 0` */
  last(what: string): Deed | undefined {
    return this.#deeds.get(what)
  }

  read(rows: Float64Array, frame: Frame): void {
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
      const kind = rows[at + 1]
      if (kind === TRACE.bio_submit) this.#submitted(rows, at)
      else if (DEEDS.has(kind)) this.#row(rows.subarray(at, at + TRACE_COLUMNS), frame)
    }
  }

  /** A request is noted if it is a write to an array. */
  #submitted(rows: Float64Array, at: number): void {
    const device = rows[at + 4]
    if (Math.floor(device / MINORS) !== MD_MAJOR || (rows[at + 5] & 7) !== WRITE) return
    this.#writes.push({ bio: rows[at + 2], minor: device % MINORS, sector: rows[at + 6], sectors: rows[at + 7] })
    if (this.#writes.length > 2 * WRITES_KEPT) this.#writes = this.#writes.slice(-WRITES_KEPT)
  }

  #row(row: Float64Array, frame: Frame): void {
    const [time, kind, a, b, c, d, e] = row
    switch (kind) {
      case TRACE.command_begin:
        this.#command = a
        return
      case TRACE.command_end:
        if (this.#command === a) this.#command = 0
        return
      case TRACE.array_state: {
        const bio = c === 0 ? (this.#writes.findLast(({ minor }) => minor === a)?.bio ?? 0) : 0
        this.#note(
          `array ${a}`,
          time,
          c === 1 ? 'became clean: no write for a while' : 'became dirty: a write came',
          bio,
        )
        return
      }
      case TRACE.superblock_write:
        this.#note(`superblock ${a}`, time, `superblocks written: ${c === 1 ? 'clean' : 'dirty'}, event count ${b}`)
        return
      case TRACE.bitmap_disk_bit:
        this.#bit(time, a, b, c, frame)
        return
      case TRACE.member_state:
        this.#note(`member ${a} ${b}`, time, `became ${MEMBER_WORDS[d] ?? 'another'}`, 0, this.#command)
        return
      case TRACE.sync_begin:
        this.#note(`sync ${a}`, time, `${SYNC_WORDS[b] ?? 'sync'} begun at sector ${c}`, 0, this.#command)
        return
      case TRACE.fault:
        this.#note(`fault ${a}`, time, e === 1 ? 'lifted' : 'laid', 0, this.#command)
        return
      case TRACE.disk_state:
        this.#note(`disk ${a}`, time, c === 1 ? 'pulled' : 'inserted', 0, this.#command)
    }
  }

  #bit(time: number, minor: number, chunk: number, isSet: number, frame: Frame): void {
    const array = frame.arrays.find((one) => one.minor === minor)
    const by = isSet === 1 && array ? this.#writes.findLast((write) => this.#touches(write, array, chunk)) : undefined
    const text = isSet === 1 ? 'set in memory: a write begins' : 'cleared in memory: idle for two passes of the daemon'
    this.#note(`bit ${minor} ${chunk}`, time, text, by?.bio ?? 0)
  }

  #touches(write: Written, { minor, bitmap, chunkSectors, raidDisks }: ArrayFrame, chunk: number): boolean {
    if (write.minor !== minor || !bitmap) return false
    const row = chunkSectors * (raidDisks - 1)
    const from = Math.floor(write.sector / row) * chunkSectors
    const to = Math.ceil((write.sector + write.sectors) / row) * chunkSectors
    return from < (chunk + 1) * bitmap.chunkSectors && to > chunk * bitmap.chunkSectors
  }

  /** @param cause the command behind it, if commands do such things; what the kernel does of itself has none */
  #note(what: string, time: number, text: string, bio = 0, cause = 0): void {
    const deeds = this.#deeds
    // The newest last, so that the oldest go first.
    deeds.delete(what)
    deeds.set(what, { time, text, bio, cause })
    if (deeds.size <= DEEDS_KEPT) return
    for (const oldest of deeds.keys()) {
      deeds.delete(oldest)
      return
    }
  }
}
