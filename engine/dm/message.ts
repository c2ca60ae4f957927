import { fail, ok, type Result } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'
import { splitArguments } from './table.ts'
import { PENDING, type Answer, type AnswerWaiter } from './target.ts'

/**
 * Sends a message to the target that serves a sector; a word that begins with @ speaks to the device itself.
 * @source target_message, drivers/md/dm-ioctl.c, 6.1
 */
export class MessageOperation extends DmOperation implements AnswerWaiter {
  readonly sector: number
  readonly text: string
  answer: Answer

  constructor(device: MappedDevice, sector: number, text: string) {
    super(device, 'send')
    this.sector = sector
    this.text = text
    this.answer = null
  }

  override steps() {
    return MESSAGE_STEPS
  }

  answered(answer: Result<Answer>): void {
    this.take(answer)
    this.arrived()
  }

  take(answer: Result<Answer>): void {
    if (answer.ok) this.answer = answer.value
    else this.failure = answer
  }

  deliver(): Result<Answer> | typeof PENDING {
    const { device, sector } = this
    const words = splitArguments(this.text)
    if (words.length === 0) return fail('EINVAL', 'the message is empty')
    if (words[0].startsWith('@')) return this.speakToDevice(words)
    if (device.active === null) return fail('ENXIO', `${device.mapName} has no table`)
    const target = device.active.find(sector)
    if (target === undefined) {
      return fail('EINVAL', `sector ${sector} is beyond the end; ${device.mapName} has ${device.sectors} sectors`)
    }
    return target.message(words, this)
  }

  /** @source message_for_md, drivers/md/dm-ioctl.c, 6.1 */
  private speakToDevice(words: readonly string[]): Result<Answer> {
    if (words[0].toLowerCase() !== '@cancel_deferred_remove' || words.length !== 1) {
      return fail('EINVAL', `a device understands @cancel_deferred_remove, not ${words.join(' ')}`)
    }
    this.device.deferredRemove = false
    return ok(null)
  }
}

const MESSAGE_STEPS = {
  send: (message: MessageOperation): string => {
    const answer = message.deliver()
    if (answer === PENDING) message.expect()
    else message.take(answer)
    return DONE
  },
}
