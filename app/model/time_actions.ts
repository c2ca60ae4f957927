/** Moving in time. What is asked for while the way to a moment is still going on waits for its end; the last wish counts. */
import { enginePort } from './engine.ts'
import type { Track } from '../../engine/api/timeline_tracks.ts'
import type { EnginePort } from './engine_port.ts'
import { consoleStore } from './console_store.ts'
import { machineStore } from './machine_store.ts'
import { timeStore } from './time_store.ts'

type Journey = (port: EnginePort) => Promise<string | null>

let wish: Journey | undefined
let isUnderWay = false

function go(journey: Journey, target?: number): void {
  if (machineStore.getState().condition !== 'running') return
  timeStore.setState({ target })
  wish = journey
  if (!isUnderWay) void fulfil()
}

async function fulfil(): Promise<void> {
  isUnderWay = true
  try {
    for (let port = enginePort(); wish && port; port = enginePort()) {
      const journey = wish
      wish = undefined
      const refusal = await journey(port)
      if (refusal !== null) refuse(refusal)
      await arrival(refusal === null ? timeStore.getState().target : undefined)
    }
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error))
  } finally {
    isUnderWay = false
    timeStore.setState({ target: undefined })
  }
}

/** Says why not where what was typed is answered. */
function refuse(reason: string): void {
  consoleStore.getState().print('note', `Not possible: ${reason}.`.replace('..', '.'))
}

/** Of a frame that is not the one waited for, in milliseconds; so long, and it will not come. */
const PATIENCE = 250

/** Waits until what is shown is not on the way any more. */
function arrival(target: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const from = performance.now()
    const look = (): void => {
      const { isTravelling, step, isLive, newestStep } = timeStore.getState()
      const isThere = !isTravelling && (target === undefined || step === target || (isLive && target >= newestStep))
      if (isThere || (!isTravelling && performance.now() - from > PATIENCE)) resolve()
      else setTimeout(look, 8)
    }
    look()
  })
}

/** To the moment right after so many disk I/Os. */
export function seek(step: number): void {
  const { leftStep, newestStep } = timeStore.getState()
  const to = Math.max(leftStep, Math.min(newestStep, Math.round(step)))
  go((port) => port.seek(to), to)
}

/** The same, and waits until it is there. */
export async function goTo(step: number): Promise<void> {
  seek(step)
  await arrival(step)
}

/** From where the page is, or is going to be. */
export function seekBy(steps: number): void {
  const { target, step } = timeStore.getState()
  seek((target ?? step) + steps)
}

/** One disk I/O back. */
export function stepBack(): void {
  const { target, step, leftStep, leftReason } = timeStore.getState()
  if ((target ?? step) > leftStep) seekBy(-1)
  else refuse(leftReason ?? 'this is the beginning')
}

export function nextEvent(): void {
  if (!timeStore.getState().isLive) go((port) => port.nextNotable())
}

export function previousEvent(): void {
  go((port) => port.previousNotable())
}

/** Back to before the last line that was typed. */
export function undo(): void {
  go((port) => port.undo())
}

/** To the newest moment. */
export function goLive(): void {
  if (!timeStore.getState().isLive) go((port) => port.live())
}

export function switchBranch(name: string): void {
  go((port) => port.switchBranch(name))
}

/** Gives the branch that is shown another name. */
export async function renameBranch(name: string, to: string): Promise<void> {
  const refusal = await enginePort()?.renameBranch(name, to.trim())
  if (typeof refusal === 'string') refuse(refusal)
}

/** Ends the way to a moment where it has come to. */
export function cancelJourney(): void {
  if (!timeStore.getState().isTravelling) return
  wish = undefined
  timeStore.setState({ target: undefined })
  void enginePort()?.cancelJourney()
}

/** To the next event of the track that is selected, or to the one before: of a disk that is an I/O. */
export function onTrack(isForward: boolean): void {
  const { track, isLive } = timeStore.getState()
  if (isForward && isLive) return
  if (track === undefined) (isForward ? nextEvent : previousEvent)()
  else go((port) => port.onTrack(track, isForward))
}

export function selectTrack(track: Track): void {
  timeStore.setState({ track })
}
