/**
 * Who has a machine. Its disks can be in one hand only: the tab that has it holds a lock of the browser's by the machine's name.
 * Another tab can wait for it, or take it away; the one it is taken from is told, and lets go of the files at once.
 */
import { machineLock } from './engine_api.ts'
import { StoreError } from './machine_store.ts'

/** How long a tab that was closed or reloaded may take to let go, in milliseconds. */
export const HOLD_PATIENCE = 3000

export class MachineHold {
  readonly #release: () => void

  private constructor(release: () => void) {
    this.#release = release
  }

  /**
   * @param isTakenOver from whoever has it; otherwise it is waited for, but not for long
   * @param onTaken called when another tab takes it over
   * @returns null where the browser has no such locks: files that are open then keep other tabs away, and nothing is taken over
   * @errors StoreError where another tab has it
   */
  static take(name: string, isTakenOver: boolean, onTaken: () => void): Promise<MachineHold | null> {
    if (navigator.locks === undefined) return Promise.resolve(null)
    return new Promise((resolve, reject) => {
      let isHeld = false
      const patience = new AbortController()
      const timer = setTimeout(() => patience.abort(), HOLD_PATIENCE)
      const hold = (): Promise<void> => {
        clearTimeout(timer)
        isHeld = true
        return new Promise((release) => resolve(new MachineHold(release)))
      }
      navigator.locks
        .request(machineLock(name), isTakenOver ? { steal: true } : { signal: patience.signal }, hold)
        .catch((error: unknown) => {
          if (isHeld) onTaken()
          else if (error instanceof DOMException && error.name === 'AbortError') reject(locked())
          // Without the locks that the browser should have, the open files must do.
          else resolve(null)
        })
    })
  }

  release(): void {
    this.#release()
  }
}

/** Another tab has the machine. */
export function locked(): StoreError {
  return new StoreError('locked', 'Its disks are in the hands of another tab, and can be in one hand only.')
}

/** Another tab was told to let go, and does not. */
export function stuck(): StoreError {
  return new StoreError('locked', 'The other tab does not let go of the disks. Close it, then try again.')
}
