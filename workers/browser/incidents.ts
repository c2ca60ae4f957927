import type { Incident } from './engine_api.ts'
import type { MachineStore, StoredMachine } from './machine_store.ts'

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

/** What a store says between batches: that it takes no more bytes, or could not be told what the next visit needs. */
export class StoreWatch {
  readonly #incidents: Incidents
  #refusal: string | null = null
  #failure = ''

  constructor(incidents: Incidents) {
    this.#incidents = incidents
  }

  /** @returns whether the machine is to stand still: somebody was told of it just now */
  hasRefused({ refusal }: MachineStore): boolean {
    if (refusal === this.#refusal) return false
    this.#refusal = refusal
    if (refusal === null) return false
    this.#incidents.tell({ kind: 'full', reason: refusal })
    return true
  }

  /** Saves. One notice says that it failed, for as long as that is so. */
  save(store: MachineStore, machine: StoredMachine): void {
    const { notices } = store
    const before = notices.indexOf(this.#failure)
    if (before >= 0) notices.splice(before, 1)
    this.#failure = ''
    try {
      store.save(machine)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#failure = `The browser does not keep this machine for the next visit: ${reason}`
      notices.push(this.#failure)
    }
    void store.prepare(0)
  }
}
