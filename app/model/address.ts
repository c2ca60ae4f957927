/**
 * The page's address holds the present moment: a copy of it leads here. It follows what is shown, at once where that stands still,
 * and every now and then while time plays: browsers allow so many changes only.
 */
import { addressStore } from './address_store.ts'
import { consoleStore } from './console_store.ts'
import { enginePort } from './engine.ts'
import { writeFragment } from './fragment.ts'
import { machineStore } from './machine_store.ts'
import { timeStore } from './time_store.ts'

/** The least time between two changes, in milliseconds: standing still; playing, and then so many times what the last one took. */
const GAP = 350
const GAP_PLAYING = 2000
const GAP_SHARE = 20
/** How soon it is asked again for what is only a matter of time, in milliseconds. */
const AGAIN = 300

/** Name of the recording in this browser's own store, if it is that one. */
let recording: string | null = null
/** What the address stands for. */
let written = ''
let timer: ReturnType<typeof setTimeout> | undefined
let dueAt = Infinity
let nextAt = 0
let nextPlayingAt = 0
let isAsking = false
/** The lines that were too many, and why. */
let tooMany = { place: '', reason: '' }

/** Begins to follow what is shown. */
export function keepAddress(): void {
  machineStore.subscribe(consider)
  timeStore.subscribe(consider)
  consider()
}

/** Another machine is shown. @param name of its recording in this browser's store; null where it is in none */
export function nameAddress(name: string | null): void {
  recording = name
  written = ''
  tooMany = { place: '', reason: '' }
  addressStore.setState({ trouble: '' })
  if (name !== null) put(writeFragment(null, name))
}

/** Nothing is to be read from the address any more. */
export function clearAddress(): void {
  put('')
}

/** Writes the address anew, whatever it was changed to. */
export function renewAddress(): void {
  written = ''
  consider()
}

function place(): string {
  const { branches, lines } = timeStore.getState()
  return [branches.find(({ isCurrent }) => isCurrent)?.name, lines].join()
}

/** What the address is to stand for; undefined where there is nothing to be had now. */
function present(): string | undefined {
  const { condition, steps, time, isPlaying } = machineStore.getState()
  if (condition !== 'running' || timeStore.getState().isTravelling) return undefined
  return [place(), steps, isPlaying ? '' : time].join()
}

function consider(): void {
  const state = present()
  if (state === undefined || state === written || isAsking) return
  // As long as nothing is taken away, they stay too many: nobody needs to be asked again.
  if (place() === tooMany.place) return tellTooLong(state, tooMany.reason)
  const isPlaying = machineStore.getState().isPlaying
  schedule(Math.max(performance.now(), isPlaying ? nextPlayingAt : nextAt))
}

function schedule(at: number): void {
  if (timer !== undefined && at >= dueAt) return
  clearTimeout(timer)
  dueAt = at
  timer = setTimeout(() => void write(), Math.max(0, at - performance.now()))
}

async function write(): Promise<void> {
  timer = undefined
  dueAt = Infinity
  const state = present()
  const port = enginePort()
  if (state === undefined || port === undefined) return
  isAsking = true
  const from = performance.now()
  let again = 0
  try {
    const { text, reason, isPending } = await port.moment()
    if (port !== enginePort()) return
    if (isPending) again = AGAIN
    else {
      if (text === null) {
        tellTooLong(state, reason ?? '')
        return
      }
      written = state
      addressStore.setState({ trouble: '' })
      put(writeFragment(text, recording))
    }
  } catch {
    // A machine that is gone has no moment; the page says so elsewhere.
    written = state
  } finally {
    isAsking = false
    const took = performance.now() - from
    nextAt = performance.now() + GAP
    nextPlayingAt = performance.now() + Math.max(GAP_PLAYING, took * GAP_SHARE)
    if (again > 0) schedule(performance.now() + again)
    else consider()
  }
}

/** The address then holds the name of the recording alone. */
function tellTooLong(state: string, reason: string): void {
  written = state
  tooMany = { place: place(), reason }
  put(writeFragment(null, recording))
  if (addressStore.getState().trouble !== '') return
  addressStore.setState({ trouble: reason })
  consoleStore.getState().print('note', `The address does not hold this moment any more: ${reason}.`)
}

function put(fragment: string): void {
  if (location.hash === fragment) return
  try {
    history.replaceState(history.state, '', fragment === '' ? `${location.pathname}${location.search}` : fragment)
  } catch {
    // The browser has had enough changes for now; the next one will do.
  }
}
