/** Messages to a checksum target. */
import { fail, ok, type Result } from '../base/errno.ts'
import { readSector } from '../dm/arguments.ts'
import { PENDING, type Answer, type AnswerWaiter } from '../dm/target.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { CHECKSUM_PROMISES } from './checksum_modes.ts'
import { ChecksumWork } from './checksum_work.ts'
import type { EntryVisitor } from './sums_visit.ts'
import { Sweep } from './sweep.ts'

/** Sectors that are named when many do not match. */
const NAMED_MAX = 16

export function checksumMessage(
  device: ChecksumDevice,
  words: readonly string[],
  waiter: AnswerWaiter,
): Result<Answer> | typeof PENDING {
  const [verb, word, ...rest] = words
  if (verb === 'promise' && word === undefined) return ok(CHECKSUM_PROMISES[device.line.mode])
  if (verb === 'costs' && word === undefined) return ok(device.costText())
  const isKnown = verb === 'scrub' ? word === undefined : verb === 'sums' && rest.length === 0
  if (!isKnown) return fail('EINVAL', `scrub, sums SECTOR, costs or promise; not ${words.join(' ')}`)
  if (!device.isActive) return fail('EAGAIN', 'it is suspended')
  if (verb === 'scrub') {
    new Scrub(device, waiter).start()
    return PENDING
  }
  const sector = word === undefined ? null : readSector(word)
  if (sector === null || sector >= device.sectors) {
    return fail('EINVAL', `sums wants a sector from 0 to ${device.sectors - 1}`)
  }
  new ShowSums(device, sector, waiter).start()
  return PENDING
}

/** Holds every sector against its sums. */
class Scrub extends ChecksumWork {
  readonly waiter: AnswerWaiter
  readonly sweep: Sweep

  constructor(device: ChecksumDevice, waiter: AnswerWaiter) {
    super(device, 'sweep')
    this.waiter = waiter
    this.sweep = new Sweep(device, false)
  }

  override steps() {
    return SCRUB_STEPS
  }

  answer(): Result<Answer> {
    if (this.ioError !== 'OK') return fail('EIO', 'the sums cannot be read')
    const { different, unreadable } = this.sweep
    const text = [`${this.device.sectors} sectors`, listed(different, 'match no sum')]
    if (unreadable.length > 0) text.push(listed(unreadable, 'cannot be read'))
    return ok(text.join(', '))
  }
}

function listed(sectors: readonly number[], what: string): string {
  const named = sectors.slice(0, NAMED_MAX).join(' ')
  const more = sectors.length > NAMED_MAX ? ' ...' : ''
  return `${sectors.length} ${what}${sectors.length > 0 ? `: ${named}${more}` : ''}`
}

const SCRUB_STEPS = {
  sweep: (scrub: Scrub): string => {
    scrub.call(scrub.sweep)
    return 'answer'
  },

  answer: (scrub: Scrub): string => {
    scrub.waiter.answered(scrub.answer())
    return DONE
  },
}

/** Shows which sums a sector has. */
class ShowSums extends ChecksumWork implements EntryVisitor {
  readonly place: number
  readonly waiter: AnswerWaiter
  text: string

  constructor(device: ChecksumDevice, sector: number, waiter: AnswerWaiter) {
    super(device, 'visit')
    this.place = sector
    this.waiter = waiter
    this.text = ''
  }

  override steps() {
    return SHOW_STEPS
  }

  visitEntry(_sector: number, entry: ChecksumEntry): boolean {
    this.text = `new ${hex(entry.newSum)} old ${entry.hasOld ? hex(entry.oldSum) : '-'}`
    return false
  }
}

const SHOW_STEPS = {
  visit: (show: ShowSums): string => {
    show.visit([show.place], show)
    return 'answer'
  },

  answer: (show: ShowSums): string => {
    show.waiter.answered(show.ioError === 'OK' ? ok(show.text) : fail('EIO', 'the sums cannot be read'))
    return DONE
  },
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
