/** Types the lines of a script one after the other, each when the one before has returned, as somebody at the keyboard would. */
import { createStore } from 'zustand/vanilla'
import { consoleStore } from './console_store.ts'
import { enginePort, picture, typeLine } from './engine.ts'
import type { ImportedScript } from './import_file.ts'

export interface ScriptRun {
  readonly name: string
  /** The line that is under way, from 1, and how many there are. */
  readonly at: number
  readonly of: number
}

/** The script that is being typed, if any. */
export const scriptStore = createStore<{ readonly run: ScriptRun | undefined }>()(() => ({ run: undefined }))

/** How often it is looked whether a line has returned, in milliseconds. */
const LOOK = 30
/** So long a new machine may take to show itself, in milliseconds. */
const NEW_MACHINE = 10_000

let current = 0

export function stopScript(): void {
  current++
  scriptStore.setState({ run: undefined })
}

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK))

/** Waits until something holds. @returns false when the script was stopped meanwhile, or time is up */
async function until(mine: number, holds: () => boolean, patience = Infinity): Promise<boolean> {
  const end = performance.now() + patience
  while (mine === current && performance.now() < end) {
    if (holds()) return true
    await moment()
  }
  return false
}

/**
 * @param isAnew on a new machine without disks, with the script's seed
 * @param keepGoing also past a line that fails
 */
export async function runScript(script: ImportedScript, isAnew: boolean, keepGoing: boolean): Promise<void> {
  const mine = ++current
  const { print } = consoleStore.getState()
  if (isAnew) {
    const { generation } = picture()
    await enginePort()?.beginEmpty(script.seed)
    await enginePort()?.play()
    if (!(await until(mine, () => picture().generation !== generation, NEW_MACHINE))) return
  } else await enginePort()?.play()
  for (const [index, unit] of script.units.entries()) {
    if (mine !== current) return
    scriptStore.setState({ run: { name: script.name, at: index + 1, of: script.units.length } })
    // The book is another one when the line begins a branch of time; the number of its commands counts on.
    const before = picture().trace.commandCount
    await typeLine(unit)
    const isOver = (): boolean =>
      picture().trace.commandCount > before && !picture().frame?.command && consoleStore.getState().pending.length === 0
    if (!(await until(mine, isOver))) return
    const { trace } = picture()
    const failed = trace.newest(trace.commandCount - before).find(({ status }) => status !== 0)
    // Whether the line was to fail is what an `expect` after it says.
    const isJudged = /^\s*expect\b/.test(script.units[index + 1] ?? '')
    if (failed && !isJudged && !keepGoing) {
      print('note', `${script.name} stops here: “${failed.command}” failed.`)
      break
    }
  }
  if (mine === current) scriptStore.setState({ run: undefined })
}
