/** What the frames of the machine beside the machine amount to. Not loaded before somebody compares. */
import type { Frame } from '../../engine/api/frame.ts'
import type { DifferenceFrame, TwinFrame } from '../../engine/api/twin_frame.ts'
import { consoleStore } from './console_store.ts'
import { emptyMachine, stateOf } from './machine_store.ts'
import { anotherTwinPicture, NO_TWIN, twinMachineStore, twinPicture, twinStore } from './twin_store.ts'

/** Of the frame before: which comparison it was, and which machine. */
let shown = { made: -1, view: -1 }
/** Differences that were there when the two had caught up, or were told since. */
let told = 0

/** Takes in what a frame says of the machine beside its own. @param real milliseconds of real time */
export function takeTwin({ twin }: Pick<Frame, 'twin'>, real: number): void {
  if (twin === null) {
    shown = { made: -1, view: -1 }
    if (twinStore.getState().isThere) twinStore.setState(NO_TWIN)
    return
  }
  const { from, to, isTravelling, progress, failure, counters, isChanged, data } = twin
  const isNew = twin.made !== shown.made
  const before = isNew ? NO_TWIN : twinStore.getState()
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
  if (isNew || (twin.frame && twin.view !== shown.view)) anotherTwinPicture()
  if (isNew) twinMachineStore.setState(emptyMachine())
  shown = { made: twin.made, view: twin.frame ? twin.view : shown.view }
  if (twin.frame) show(twin, twin.frame, real)
}

function show({ failure }: TwinFrame, frame: Frame, real: number): void {
  const picture = twinPicture()
  picture.apply(frame, real)
  twinMachineStore.setState({
    condition: failure === null ? 'running' : 'failed',
    trouble: failure ?? '',
    ...stateOf(frame),
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
