import type { Incident } from './engine_api.ts'

/** What happens to a machine without being asked for, until somebody hears of it. */
export class Incidents {
  readonly #untold: Incident[] = []
  #listener: ((incident: Incident) => void) | null = null

  tell(incident: Incident): void {
    if (this.#listener === null) this.#untold.push(incident)
    else this.#listener(incident)
    this.#listener = null
  }

  /** The next one, whenever it happens. There is one listener at a time: who asks again takes the place of who asked before. */
  next(): Promise<Incident> {
    return new Promise((resolve) => {
      const known = this.#untold.shift()
      if (known === undefined) this.#listener = resolve
      else resolve(known)
    })
  }
}
