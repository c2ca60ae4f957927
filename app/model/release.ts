/** Waiting for another tab to let go of a machine. */
import { machineLock } from '../../workers/browser/engine_api.ts'

/**
 * @param store name of the machine
 * @param signal ends the waiting
 * @returns `waited`: somebody had it, and has let go; `free`: nobody had it; `never`: the waiting was ended, or the browser has no locks
 */
export async function whenReleased(store: string, signal: AbortSignal): Promise<'waited' | 'free' | 'never'> {
  const { locks } = navigator
  if (locks === undefined) return 'never'
  const name = machineLock(store)
  try {
    const { held = [] } = await locks.query()
    const isHeld = held.some((lock) => lock.name === name)
    await locks.request(name, { signal }, () => undefined)
    return isHeld ? 'waited' : 'free'
  } catch {
    return 'never'
  }
}
