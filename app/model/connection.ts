/**
 * Which machine the page shows: the browser's own, in its files, or one that a link made, in memory. A link never touches the own
 * one: where that runs in this tab already, it waits, paused, in a worker of its own.
 */
import {
  STORE_DEFAULT,
  type Frame,
  type GivenImage,
  type StartOptions,
  type StartReport,
} from '../../workers/browser/engine_api.ts'
import { eachFrame } from '../draw/animation.ts'
import type * as Address from './address.ts'
import { isEmbedded } from './embedded.ts'
import { readFragment } from './fragment.ts'
import { linkStore, type LinkState } from './link_store.ts'
import { machineStore } from './machine_store.ts'
import { pageStore } from './page_store.ts'
import { whenMoving } from './moving.ts'
import { forgetTroubles, setTrouble } from './trouble_store.ts'
import { eachReceived, WorkerMachine } from './worker_machine.ts'

const HELP = 'Or pull a disk, write, insert another. Buttons type here; try “help”.'
const PROMPT = [
  'A RAID-5 at work: its chunks, its bitmap, what only a disk’s cache holds.',
  'Cut the power in mid-write, power on: what will it have to resync?',
  HELP,
]
const PROMPT_AGAIN = [
  'The disks of your last visit. Closing the tab was a power cut;',
  'the boot script has run: what did the array have to resync?',
  HELP,
]
const PROMPT_LINK = ['A moment from a link, paused. Step, play, act: nothing of it touches another machine.']

/** The browser's own machine, once it was started in this tab. */
let own: { readonly machine: WorkerMachine; wasPlaying: boolean } | undefined
let shown: WorkerMachine | undefined
/** How the machine that is shown stands to a link, whatever becomes of the next link. */
let settled: LinkState = { kind: 'none' }
/** The link that waits for its images. */
let asking: string | undefined
/** What the own machine was asked for last: what its address held is not lost where another tab has the machine. */
let wanted: StartOptions = {}
/** Ends the waiting for that tab. */
let waiting: AbortController | undefined

/** Starts what the address asks for, and keeps the page supplied with frames. */
export async function startMachine(): Promise<void> {
  eachFrame((real) => shown?.ask(real))
  eachReceived(noteArrival)
  document.addEventListener('visibilitychange', () => void shown?.engine.setHidden(document.hidden))
  addEventListener('hashchange', () => void goToAddress())
  withAddress(({ keepAddress }) => keepAddress())
  await goToAddress()
}

/** To what stands in the address: it was there at first, or somebody has put it there. */
async function goToAddress(): Promise<void> {
  const fragment = readFragment(location.hash)
  if (fragment === undefined) return backToOwn()
  const { moment, recording } = fragment
  const waiting = shown === own?.machine ? undefined : own?.machine.report?.recording
  if (recording !== undefined && recording === waiting) return backToOwn()
  // Whether the disks of this browser hold that recording, the worker finds out.
  if (recording !== undefined && own === undefined && !isEmbedded) return openOwn({ moment, recording })
  return openLink(moment)
}

/** The machine of this browser's disks; or the link, where its address turns out not to be that machine's. */
async function openOwn(options: StartOptions, isAgain = false): Promise<void> {
  const machine = newMachine()
  wanted = options
  try {
    const report = await machine.start(options)
    if (report.link !== null) return await takeLink(machine, report.link, options.moment)
    own = { machine, wasPlaying: true }
    await show(machine, { kind: 'none' })
    if (report.refusal?.reason === 'locked') return await goOnWhenReleased(options, isAgain)
    await machine.engine.play()
    // Where that fails, the first line that is typed tries again, and says why.
    void whenMoving().then(() => machine.engine.prepare().catch(() => undefined))
  } catch (error) {
    fail(messageOf(error))
  }
}

/** As soon as no other tab has the machine, this one goes on, with the address it was given. */
async function goOnWhenReleased(options: StartOptions, isAgain: boolean): Promise<void> {
  const { signal } = (waiting = new AbortController())
  const { whenReleased } = await import('./release.ts')
  const how = await whenReleased(options.store ?? STORE_DEFAULT, signal)
  // Where it was free and is refused again, it is the files that are in other hands: a person decides.
  if (how === 'waited' || (how === 'free' && !isAgain)) await startAgain(options, how === 'free')
}

/** The moment of the address in memory, where another tab has the machine that it names. */
export async function openWanted(): Promise<void> {
  const { moment } = wanted
  endOfShown()
  own = undefined
  await openLink(moment)
}

/** Opens a link. Until it is known to be right, everything stays as it is. */
export async function openLink(moment: string | undefined, images: readonly GivenImage[] = []): Promise<void> {
  const machine = newMachine()
  try {
    // Without a moment, there is the name of a recording that is not this browser's.
    const report = await machine.start(moment === undefined ? { recording: '' } : { moment, images })
    if (report.link !== null) await takeLink(machine, report.link, moment)
  } catch (error) {
    machine.end()
    refuse(messageOf(error))
  }
}

/** Goes on with the link that asked for images. */
export async function giveImages(images: readonly GivenImage[]): Promise<void> {
  if (asking !== undefined) await openLink(asking, images)
}

async function takeLink(
  machine: WorkerMachine,
  link: NonNullable<StartReport['link']>,
  moment: string | undefined,
): Promise<void> {
  switch (link.state) {
    case 'opening':
      closeQuestion()
      await show(machine, { kind: 'opening', step: link.step, events: link.events })
      break
    case 'images':
      machine.end()
      asking = moment
      noMachineYet()
      linkStore.setState({ link: { kind: 'images', images: link.images } })
      pageStore.getState().openDialog('images')
      break
    case 'refused':
      machine.end()
      closeQuestion()
      refuse(link.message)
  }
}

function refuse(reason: string): void {
  noMachineYet()
  linkStore.setState({ link: { kind: 'refused', reason } })
}

function noMachineYet(): void {
  if (shown === undefined) machineStore.setState({ condition: 'none' })
}

function closeQuestion(): void {
  asking = undefined
  if (pageStore.getState().dialog === 'images') pageStore.getState().closeDialog()
}

/** Leaves a link that could not be opened: what was shown before is all there is, or the browser's own machine. */
export async function leaveLink(): Promise<void> {
  closeQuestion()
  if (shown === undefined) return backToOwn()
  linkStore.setState({ link: settled })
  withAddress(({ renewAddress }) => renewAddress())
}

/** To the browser's own machine: as it waits, or after what was a power cut. */
export async function backToOwn(): Promise<void> {
  closeQuestion()
  if (shown !== undefined && shown === own?.machine) return leaveLink()
  withAddress(({ clearAddress }) => clearAddress())
  if (own === undefined) {
    machineStore.setState({ condition: 'starting' })
    linkStore.setState({ link: { kind: 'none' } })
    return openOwn(isEmbedded ? { store: 'memory' } : {})
  }
  const { machine, wasPlaying } = own
  await show(machine, { kind: 'none' })
  if (wasPlaying) await machine.engine.play()
}

/**
 * Starts again, in a new worker; for the machine that was there, that is a power cut. The own machine starts from its disks, one of
 * a link from its address.
 */
export async function startAgain(options: StartOptions, isAgain = false): Promise<void> {
  const isLink = shown !== undefined && shown !== own?.machine
  endOfShown()
  if (isLink) return goToAddress()
  own = undefined
  await openOwn(isEmbedded ? { ...options, store: 'memory' } : options, isAgain)
}

function endOfShown(): void {
  shown?.kill()
  shown = undefined
  waiting?.abort()
  forgetTroubles()
  machineStore.setState({ condition: 'starting', trouble: '', failure: null })
}

/** Whether there is a worker that answers. */
export function isAnswering(): boolean {
  return shown?.isDead === false
}

/** The link that is being opened ends where it has come to. */
export function cancelOpening(): void {
  void shown?.engine.cancelOpening()
}

function newMachine(): WorkerMachine {
  return new WorkerMachine({ prompt: promptOf, started: report })
}

async function show(machine: WorkerMachine, link: LinkState): Promise<void> {
  const before = shown
  if (before !== undefined && before === own?.machine && !isEmbedded) {
    own.wasPlaying = machineStore.getState().isPlaying
    before.hide()
  } else before?.end()
  shown = machine
  settled = link
  linkStore.setState({ link, isOwnWaiting: own !== undefined && machine !== own.machine })
  void machine.engine.setHidden(document.hidden)
  await machine.show()
}

function promptOf({ link, store, notices, refusal, isFound }: StartReport): readonly string[] {
  if (refusal) return []
  if (link) return PROMPT_LINK
  return [...(store === 'memory' ? [] : notices), ...(isFound ? PROMPT_AGAIN : PROMPT)]
}

function fail(trouble: string): void {
  machineStore.setState({ condition: 'failed', trouble })
}

function report({ store, notices, refusal, link, recording }: StartReport): void {
  forgetTroubles()
  if (refusal) {
    const { reason: kind, message } = refusal
    const { moment, recording } = wanted
    const address = moment !== undefined ? 'moment' : recording !== undefined ? 'name' : 'empty'
    setTrouble(kind === 'locked' ? { kind, message, address } : { kind, message })
    return
  }
  machineStore.setState({
    // A link's machine is there when its recording has been carried out; a frame says so.
    condition: link ? 'starting' : 'running',
    trouble: '',
    storage: store === 'memory' ? 'memory' : 'files',
    storageTrouble: notices.join(' '),
  })
  if (!refusal) withAddress(({ nameAddress }) => nameAddress(isEmbedded ? null : recording))
}

/** The recording of a link has been carried out, or ends before the moment. */
function noteArrival({ timeline, steps }: Frame): void {
  if (settled.kind !== 'opening' || timeline === null || timeline.isTravelling) return
  const { failure } = timeline
  const where = `step ${steps} of ${settled.step}`
  const early = steps < settled.step ? `It was ended early, at ${where}.` : ''
  const { link } = linkStore.getState()
  const wasSettled = link === settled
  settled = { kind: 'open', trouble: failure === null ? early : `It ends early, at ${where}: ${failure}.` }
  if (wasSettled) linkStore.setState({ link: settled })
}

/** What follows the address is not loaded before something moves; until then, the one there is leads here, too. */
function withAddress(act: (address: typeof Address) => void): void {
  void whenMoving()
    .then(() => import('./address.ts'))
    .then(act)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
