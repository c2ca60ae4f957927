/** What a person can do when something stands between them and the machine. */
import { isAnswering, openWanted, startAgain } from './connection.ts'
import { enginePort } from './engine.ts'
import { endHold, endTrouble } from './trouble_store.ts'

/** From the disks as they are; a worker that is still there is ended. */
export function powerOnAgain(): void {
  void startAgain({})
}

/** From the tab that has the machine: a power cut there. */
export function takeOver(): void {
  void startAgain({ takeOver: true })
}

/** Another machine, that nobody keeps; the stored one stays as it is. */
export function goInMemory(): void {
  void startAgain({ store: 'memory' })
}

/** The moment of the address, in memory: the machine it names stays where it is. */
export function openMoment(): void {
  void openWanted()
}

/** Erases the machine and its disks, and makes the first one anew. */
export function eraseAll(): void {
  if (isAnswering()) void enginePort()?.reset()
  else void startAgain({ fresh: true })
}

/** Asks the browser once more to take what is in memory. @returns why it still does not, or null */
export async function writeBack(): Promise<string | null> {
  const refusal = (await enginePort()?.writeBack()) ?? null
  if (refusal !== null) return refusal
  endTrouble('full')
  endHold()
  await enginePort()?.play()
  return null
}

/** What is written from now on is gone with the tab. */
export function goOnInMemory(): void {
  endTrouble('full')
  void enginePort()?.play()
}
