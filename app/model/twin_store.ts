/** The machine beside the machine, as the newest frames have it, and where the two differ. */
import { createStore } from 'zustand/vanilla'
import type { Frame } from '../../engine/api/frame.ts'
import type { Counters, DataFrame, DifferenceFrame, TwinFrame } from '../../engine/api/twin_frame.ts'
import { consoleStore } from './console_store.ts'
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

const NONE: TwinState = {
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

export const twinStore = createStore<TwinState>()(() => NONE)
/** What the views of a machine read, of the right one. */
export const twinMachineStore = createStore<MachineState>()(() => emptyMachine())

let picture = new Picture()
/** Of the frame before: which comparison it was, and which machine. */
let shown = { made: -1, view: -1 }
/** Differences that were there when the two had caught up, or were told since. */
let told = 0

export function twinPicture(): Picture {
  return picture
}

/** Takes in what a frame says of the machine beside its own. @param real milliseconds of real time */
export function receiveTwin({ twin }: Pick<Frame, 'twin'>, real: number): void {
  if (twin === null) {
    shown = { made: -1, view: -1 }
    if (twinStore.getState().isThere) twinStore.setState(NONE)
    return
  }
  const { from, to, isTravelling, progress, failure, counters, isChanged, data } = twin
  const isNew = twin.made !== shown.made
  const before = isNew ? NONE : twinStore.getState()
  const differences = twin.differences ?? before.differences
  if (isNew) told = 0
  if (progress < 1) told = differences.length
  else tellAnswers(differences)
  if (before.isChanged && !isChanged) tellUnchanged(from)
  twinStore.setState({
    isThere: true,
    from,
    to,
    isTravelling,
    progress,
    failure,
    differences,
    counters: counters ?? before.counters,
    isChanged,
    data: data ?? before.data,
  })
  if (isNew || (twin.frame && twin.view !== shown.view)) picture = new Picture()
  if (isNew) twinMachineStore.setState(emptyMachine())
  shown = { made: twin.made, view: twin.frame ? twin.view : shown.view }
  if (twin.frame) show(twin, twin.frame, real)
}

function show({ failure }: TwinFrame, frame: Frame, real: number): void {
  picture.apply(frame, real)
  const { transport } = frame
  twinMachineStore.setState({
    condition: failure === null ? 'running' : 'failed',
    trouble: failure ?? '',
    time: frame.time,
    steps: frame.steps,
    seed: frame.seed,
    isPowerOn: frame.powerOn,
    isPlaying: transport.state === 'playing' || transport.state === 'hidden',
    isHurrying: transport.isHurrying,
    speed: transport.speed / 1e9,
    scene: picture.scene,
  })
}

/** A person went back to before the changed line, and typed another one there. */
function tellUnchanged(from: string): void {
  const line = from.split('\n', 1)[0]
  consoleStore
    .getState()
    .print('note', `On this branch “${line}” has not been typed: left and right are the same machine from here on.`)
}

/** So much of an answer stands in the console. */
const ANSWER_LINES = 12

/** What the right one said otherwise stands in the console, after what the left one said. */
function tellAnswers(differences: readonly DifferenceFrame[]): void {
  const { print } = consoleStore.getState()
  for (const { kind, since, right } of differences.slice(told)) {
    if (kind !== 'answer' || right === null) continue
    const lines = right.text === '' ? ['nothing, and success'] : right.text.split('\n')
    const more = lines.length > ANSWER_LINES ? ['…'] : []
    print(
      'note',
      [`On the right, ${since.split('\n', 1)[0]} said:`, ...lines.slice(0, ANSWER_LINES), ...more].join('\n'),
    )
  }
  told = differences.length
}
