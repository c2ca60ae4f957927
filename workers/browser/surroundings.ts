import type { Arena } from '../../engine/base/arena.ts'
import type { MachineStore } from './machine_store.ts'
import type { OpenOptions } from './opfs_store.ts'

/** What the place where it runs gives. */
export interface Surroundings {
  /** Milliseconds since any beginning. */
  realTime(): number
  /** @errors StoreError where a person has to do something; a missing file system is no error, but memory, and a notice */
  openStore(name: string, options: OpenOptions): Promise<MachineStore>
  /** Removes a store that cannot be opened. */
  removeStore(name: string): Promise<void>
  /** Names of the recordings whose disks a store holds, without opening it. */
  recordings(store: string): Promise<readonly string[]>
  /** A name that no recording anywhere has. */
  freshName(): string
  /** The one arena that all machines of this place have in turn. */
  arena(): Arena
  /**
   * Others, as large, for looking at the past and for a machine beside the machine; asked for when somebody first does.
   * @param index so many of them the present session has already
   * @errors RangeError
   */
  spareArena(index: number): Arena
  /** Brings the commands and targets that the first machine does without; absent where they are there from the beginning. */
  wholeLanguage?(): Promise<unknown>
  /** There is something to do: the host's next turn is to be taken at once. */
  wake(): void
}
