import { createStore } from 'zustand/vanilla'
import { machineStore } from './machine_store.ts'

/** What stands between a person and the machine, or threatens what it keeps. There is a way on from each. */
export type Trouble =
  /** Another tab has it; the address held a moment besides, or names its recording alone, which was too long. */
  | { readonly kind: 'locked'; readonly message: string; readonly address: 'empty' | 'moment' | 'name' }
  /** Another tab took it from this one. */
  | { readonly kind: 'taken' }
  /** What is stored of it cannot be read. */
  | { readonly kind: 'damaged'; readonly message: string }
  /** Its worker is gone. */
  | { readonly kind: 'dead'; readonly message: string }
  /** Its worker does not answer, for now. */
  | { readonly kind: 'silent' }
  /** The browser takes no more bytes. */
  | { readonly kind: 'full'; readonly reason: string }

export interface TroubleState {
  readonly trouble: Trouble | undefined
  /** The browser has refused a write: what came later is in memory. */
  readonly isHeld: boolean
  /** What the store says: what it could not keep, or did not find. */
  readonly notices: readonly string[]
  /** How many of them a person has seen and put away. */
  readonly dismissed: number
}

const CALM: TroubleState = { trouble: undefined, isHeld: false, notices: [], dismissed: 0 }

export const troubleStore = createStore<TroubleState>()(() => CALM)

/** Tells of trouble, and that there is no machine to be used where that is so. */
export function setTrouble(trouble: Trouble): void {
  if (trouble.kind === 'locked' || trouble.kind === 'taken') machineStore.setState({ condition: 'elsewhere' })
  else if (trouble.kind === 'dead' || trouble.kind === 'damaged') machineStore.setState({ condition: 'failed' })
  troubleStore.setState(trouble.kind === 'full' ? { trouble, isHeld: true } : { trouble })
}

/** The trouble of one kind is over; of any, where none is named. */
export function endTrouble(kind?: Trouble['kind']): void {
  const { trouble } = troubleStore.getState()
  if (trouble !== undefined && (kind === undefined || trouble.kind === kind))
    troubleStore.setState({ trouble: undefined })
}

/** The browser has taken everything. */
export function endHold(): void {
  troubleStore.setState({ isHeld: false })
}

/** Another machine begins: what was said of the one before is over. */
export function forgetTroubles(): void {
  troubleStore.setState(CALM)
}

export function setNotices(notices: readonly string[]): void {
  const { notices: before, dismissed } = troubleStore.getState()
  if (notices.length === before.length && notices.every((notice, i) => notice === before[i])) return
  // What has changed is to be read again.
  const same = notices.findIndex((notice, i) => notice !== before[i])
  troubleStore.setState({ notices, dismissed: Math.min(dismissed, same < 0 ? notices.length : same) })
}

export function dismissNotices(): void {
  troubleStore.setState(({ notices }) => ({ dismissed: notices.length }))
}
