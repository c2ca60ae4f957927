/**
 * Puts a read error right: page by page, what a member cannot deliver is read from another, written to all between the two, and read
 * back. A page that nobody has is noted as bad where it was first missed. Then the read is begun anew.
 * @source fix_read_error, handle_read_error, drivers/md/raid1.c and raid10.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { READ, WRITE } from '../block/bio.ts'
import { MemberIo } from './member_io.ts'
import type { Member } from './member.ts'
import type { MirrorRead } from './mirror_read.ts'
import { markBad } from './mark_bad.ts'
import { noteWriteError } from './place.ts'

const PAGE_SECTORS = 8

export class FixRead extends MemberIo {
  readonly read: MirrorRead
  offset: number
  /** The copy that is tried, or that is written. */
  copy: number
  private readonly buffer: number
  /** The copy that could be read. */
  source: number

  constructor(read: MirrorRead) {
    super(read.mirrors.array, 'freeze')
    this.read = read
    this.offset = 0
    this.copy = 0
    this.source = 0
    this.buffer = read.mirrors.array.sim.memory.allocate(PAGE_SECTORS * 512)
  }

  override steps() {
    return STEPS
  }

  barrierHeld(): void {
    this.arrived()
  }

  get sectors(): number {
    return Math.min(PAGE_SECTORS, this.read.sectors - this.offset)
  }

  sectorOf(copy: number): number {
    return this.read.copies[copy].sector + this.offset
  }

  memberOf(copy: number): Member | null {
    return this.array.at(this.read.copies[copy].slot)
  }

  page(op: typeof READ | typeof WRITE, copy: number): void {
    const member = this.memberOf(copy)
    assert(member !== null, 'a copy that takes part has a member')
    this.beginIo()
    this.io(member, op, this.sectorOf(copy), this.sectors, this.buffer)
  }

  /** The next copy before this one, in a ring, that the page is written to and read back from; -1 when all have been. */
  before(copy: number): number {
    const { read } = this
    let at = copy
    while (at !== read.copy) {
      at = (at === 0 ? read.copies.length : at) - 1
      const member = this.memberOf(at)
      if (member !== null && read.mirrors.canFixOn(member)) return at
    }
    return -1
  }

  /** A page could not be written, or not read back. */
  giveUp(copy: number): void {
    const member = this.memberOf(copy)
    if (member === null || member.faulty) return
    if (!markBad(this.array, member, this.sectorOf(copy), this.sectors)) this.array.memberFailed(member)
  }

  end(): string {
    const { read } = this
    this.sim.memory.free(this.buffer)
    read.mirrors.lower(this)
    read.letGo()
    read.start()
    return ''
  }
}

const STEPS = {
  freeze: (fix: FixRead): string => {
    if (fix.read.mirrors.freeze(fix)) fix.expect()
    return 'judge the member'
  },

  'judge the member': (fix: FixRead): string => {
    const { read } = fix
    const { member } = read
    if (member === null || member.faulty || !read.mirrors.tooManyReadErrors(member)) return 'next page'
    fix.array.memberFailed(member)
    read.blocked |= 1 << read.copy
    return fix.end()
  },

  'next page': (fix: FixRead): string => {
    if (fix.offset >= fix.read.sectors) return fix.end()
    fix.copy = fix.read.copy
    return 'read the page'
  },

  'read the page': (fix: FixRead): string => {
    const { read } = fix
    if (!read.mirrors.canFixFrom(read.copies[fix.copy].slot, fix.sectorOf(fix.copy), fix.sectors)) return 'try another'
    fix.page(READ, fix.copy)
    return 'see what was read'
  },

  'see what was read': (fix: FixRead): string => {
    if (fix.failed(0)) return 'try another'
    fix.source = fix.copy
    return 'write it back'
  },

  'try another': (fix: FixRead): string => {
    const { read } = fix
    fix.copy = (fix.copy + 1) % read.copies.length
    if (fix.copy !== read.copy) return 'read the page'
    // Nobody has it. Later reads are not to ask this member again.
    const { member } = read
    if (member !== null && !markBad(fix.array, member, fix.sectorOf(read.copy), fix.sectors)) {
      fix.array.memberFailed(member)
      read.blocked |= 1 << read.copy
    }
    return fix.end()
  },

  'write it back': (fix: FixRead): string => {
    fix.copy = fix.before(fix.copy)
    if (fix.copy < 0) {
      fix.copy = fix.source
      return 'read it back'
    }
    fix.page(WRITE, fix.copy)
    return 'see what was written'
  },

  'see what was written': (fix: FixRead): string => {
    if (fix.failed(0)) {
      const member = fix.memberOf(fix.copy)
      if (member !== null) noteWriteError(fix.array, member)
      fix.giveUp(fix.copy)
    }
    return 'write it back'
  },

  'read it back': (fix: FixRead): string => {
    fix.copy = fix.before(fix.copy)
    if (fix.copy < 0) {
      fix.offset += fix.sectors
      return 'next page'
    }
    fix.page(READ, fix.copy)
    return 'see what is there'
  },

  'see what is there': (fix: FixRead): string => {
    const member = fix.memberOf(fix.copy)
    if (fix.failed(0)) fix.giveUp(fix.copy)
    else if (member !== null) member.correctedErrors += fix.sectors
    return 'read it back'
  },
}
