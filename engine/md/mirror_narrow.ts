/**
 * Which sectors of a piece a member could not write: it is written again sector by sector, and what fails then is noted as bad. A member
 * without a list of bad blocks, or with a full one, has failed.
 * @source narrow_write_error, handle_write_finished, drivers/md/raid1.c and raid10.c, 6.1
 */
import { WRITE } from '../block/bio.ts'
import { MemberIo } from './member_io.ts'
import type { MirrorWrite } from './mirror_write.ts'
import { markBad } from './mark_bad.ts'

export class NarrowWrite extends MemberIo {
  readonly write: MirrorWrite
  leg: number
  /** Within the piece. */
  offset: number
  noted: boolean

  constructor(write: MirrorWrite) {
    super(write.mirrors.array, 'next member')
    this.write = write
    this.leg = -1
    this.offset = 0
    this.noted = true
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'next member': (narrow: NarrowWrite): string => {
    const { write } = narrow
    const leg = write.failed.at(++narrow.leg)
    if (leg === undefined) {
      write.mirrors.closeWhenRecorded(write)
      return ''
    }
    narrow.offset = 0
    narrow.noted = leg.member.badBlocks !== null
    return narrow.noted ? 'write a sector' : 'member done'
  },

  'write a sector': (narrow: NarrowWrite): string => {
    const { write, offset } = narrow
    const { member, sector } = write.failed[narrow.leg]
    narrow.beginIo()
    narrow.io(member, WRITE, sector + offset, 1, write.data + offset * 512)
    return 'note it'
  },

  'note it': (narrow: NarrowWrite): string => {
    const { write, array, offset } = narrow
    const { member, sector } = write.failed[narrow.leg]
    if (narrow.failed(0) && !markBad(array, member, sector + offset, 1)) narrow.noted = false
    narrow.offset++
    return narrow.offset < write.sectors ? 'write a sector' : 'member done'
  },

  'member done': (narrow: NarrowWrite): string => {
    const { write, array } = narrow
    const { member } = write.failed[narrow.leg]
    if (!narrow.noted) {
      array.memberFailed(member)
      write.degraded = true
    }
    write.letGo(member)
    return 'next member'
  },
}
