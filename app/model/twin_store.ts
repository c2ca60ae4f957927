/** The machine beside the machine, as the newest frames have it, and where the two differ. */
import { createStore } from 'zustand/vanilla'
import type { Frame } from '../../engine/api/frame.ts'
import type { Counters, DataFrame, DifferenceFrame } from '../../engine/api/twin_frame.ts'
import { emptyMachine, type MachineState } from './machine_store.ts'
import { Picture } from './picture.ts'

export interface TwinState {
  /** Two machines are compared. */
  readonly isThere: boolean
  /** The command, and what was typed on the right in its place. */
  readonly from: string
  readonly to: string
  /** The right one is not yet where the left one is; of the recording that makes it, so much is done, 0 to 1. */
  readonly isTravelling: boolean
  readonly progress: number
  /** Why the right one can be shown no more. */
  readonly failure: string | null
  readonly differences: readonly DifferenceFrame[]
  readonly counters: Counters | undefined
  /** The changed line is on the branch that is live. */
  readonly isChanged: boolean
  /** Whether both have the same data. */
  readonly data: DataFrame | undefined
}

export const NO_TWIN: TwinState = {
  isThere: false,
  from: '',
  to: '',
  isTravelling: false,
  progress: 1,
  failure: null,
  differences: [],
  counters: undefined,
  isChanged: true,
  data: undefined,
}

export const twinStore = createStore<TwinState>()(() => NO_TWIN)
/** What the views of a machine read, of the right one. */
export const twinMachineStore = createStore<MachineState>()(() => emptyMachine())

type Beside = Pick<Frame, 'twin'>

let picture: Picture | undefined
/** Takes frames in, once it was loaded; until then they wait, because most of them only add to those before. */
let take: ((frame: Beside, real: number) => void) | undefined
const early: (readonly [Beside, number])[] = []

export function twinPicture(): Picture {
  return (picture ??= new Picture())
}

/** The right machine is another one, or another moment of it. */
export function anotherTwinPicture(): void {
  picture = undefined
}

/** Takes in what a frame says of the machine beside its own. @param real milliseconds of real time */
export function receiveTwin({ twin }: Beside, real: number): void {
  if (take !== undefined) {
    take({ twin }, real)
    return
  }
  if (twin === null && early.length === 0) return
  early.push([{ twin }, real])
  if (early.length > 1) return
  void import('./twin_frames.ts')
    .then(({ takeTwin }) => {
      take = takeTwin
      for (const one of early.splice(0)) takeTwin(...one)
    })
    // The network is away: it is asked for again with the next frame.
    .catch(() => early.splice(0))
}
