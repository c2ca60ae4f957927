/** Whether a worker is alive: it fails loudly, or it vanishes, or it is there and does not answer. */
import type { Remote } from 'comlink'
import type { EngineApi } from '../../workers/browser/engine_api.ts'

/** A worker that was asked for a frame and has not answered for so long is busy or stuck; in milliseconds. */
const SILENCE = 12_000

/**
 * Calls back once when a worker dies. A worker that the browser ends, for want of memory say, tells nobody; but the lock that it
 * holds is free then, and the page waits for it.
 * @returns what ends the watch
 */
export function watchLife(worker: Worker, engine: Remote<EngineApi>, died: (how: string) => void): () => void {
  const end = new AbortController()
  const die = (how: string): void => {
    if (end.signal.aborted) return
    end.abort()
    died(how)
  }
  worker.addEventListener('error', (event) => die(event.message || 'it could not be loaded'), { signal: end.signal })
  const { locks } = navigator
  if (locks !== undefined) {
    const name = `blockscope worker ${crypto.randomUUID()}`
    engine
      .holdLock(name)
      .then(() =>
        locks.request(name, { signal: end.signal }, () => die('the browser has ended it, perhaps for want of memory')),
      )
      // The watch was ended, or the worker cannot have locks: its errors are heard of all the same.
      .catch(() => undefined)
  }
  return () => end.abort()
}

/** Notes how long an answer is outstanding. */
export class Patience {
  readonly #silent: () => void
  readonly #answered: () => void
  #askedAt = Infinity
  #isSilent = false

  constructor(silent: () => void, answered: () => void) {
    this.#silent = silent
    this.#answered = answered
  }

  asked(real: number): void {
    this.#askedAt = real
  }

  answered(): void {
    this.#askedAt = Infinity
    if (this.#isSilent) this.#answered()
    this.#isSilent = false
  }

  /** To be called now and then, while an answer is awaited. */
  look(real: number): void {
    if (this.#isSilent || real - this.#askedAt < SILENCE) return
    this.#isSilent = true
    this.#silent()
  }
}
