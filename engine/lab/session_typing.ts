/**
 * Lines on their way into a session: those that wait for the one before, and those that the session carries out itself because
 * they move in time.
 */
import { fail, type Result } from '../base/errno.ts'
import type { CommandResult } from '../shell/shell.ts'
import { linesToType, splitInterjection, travelOf, type Travel } from './session_lines.ts'
import { isLook } from './session_look.ts'
import type { Session } from './session.ts'

/** A line that moves forward, under way. */
export interface Advance {
  readonly command: string
  readonly begun: number
  readonly untilStep: number
  readonly untilTime: number
}

/** What a line that moves in time said. */
export interface Said extends CommandResult {
  /** So many commands of the live machine had ended before; Infinity where the past was shown. */
  readonly ended: number
}

export class Typing {
  readonly said: Said[] = []
  readonly #session: Session
  #waiting: string[] = []
  #advance: Advance | null = null

  constructor(session: Session) {
    this.#session = session
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  get advance(): Advance | null {
    return this.#advance
  }

  type(text: string): void {
    const session = this.#session
    const lines = linesToType(text)
    const isAlone = lines.length === 1 && !this.isWaiting
    const travel = isAlone && !session.isOpening ? travelOf(lines[0]) : null
    if (travel !== null) return this.#move(lines[0], travel)
    if (isAlone && !session.isLive && !session.isTravelling && isLook(text)) {
      for (const result of session.look(text)) this.said.push({ ...result, ended: Infinity })
      return
    }
    if (!session.isTravelling && isAlone && this.#advance === null) return session.enter(text)
    const [now, later] = session.isTravelling ? ['', text] : splitInterjection(text)
    if (now !== '') session.enter(now)
    if (later !== '') this.#waiting.push(...linesToType(later))
    this.typeWaiting()
  }

  /** Begins what waits, as far as it can begin. */
  typeWaiting(): void {
    const session = this.#session
    while (this.isWaiting && !session.isTravelling && this.#advance === null) {
      if (session.isLive && session.present.busy) return
      const line = this.#waiting.shift() as string
      const travel = travelOf(line)
      if (travel !== null) this.#move(line, travel)
      else session.enter(line)
    }
  }

  /** A line that moves forward is over. */
  arrived(done: Result<null>): void {
    if (this.#advance !== null) this.say(this.#advance.command, this.#advance.begun, done)
    this.#advance = null
  }

  /** Goes no further with a line that moves forward. */
  halt(): void {
    this.#advance = null
  }

  /** What waits is not typed any more. */
  forget(): void {
    this.halt()
    this.#waiting = []
  }

  /** Carries out a line that moves in time. */
  #move(command: string, { kind, count }: Travel): void {
    const session = this.#session
    const { now } = session.sim
    const advance = { command, begun: now, untilStep: Infinity, untilTime: Infinity }
    if (kind === 'back') this.say(command, now, session.stepBack(count))
    else if (kind === 'run') this.#advance = { ...advance, untilTime: now + count }
    else {
      const step = kind === 'seek' ? count : session.aimedStep + count
      const newest = session.newest.steps
      if (step < newest || (step === newest && !session.isLive)) this.say(command, now, session.seek(step))
      else if (!session.present.powerOn) this.say(command, now, fail('EINVAL', 'the power is off: nothing moves'))
      else {
        session.live()
        this.#advance = { ...advance, untilStep: step }
      }
    }
  }

  /** @param done what a line brought that no machine carried out; a text is what it printed */
  say(command: string, begun: number, done: Result<string | null>): void {
    const [argv0] = command.trim().split(/\s/, 1)
    const outcome = done.ok
      ? { stdout: done.value ?? '', stderr: '', status: 0 }
      : { stdout: '', stderr: `${argv0}: ${done.message}\n`, status: 1 }
    const times = { begun, at: this.#session.sim.now, cause: 0 }
    const ended = this.#session.isLive ? this.#session.present.results.length : Infinity
    this.said.push({ command, argv0, family: 'lab', ...outcome, ...times, source: 'typed', ended })
  }
}
