/** Which machine the page shows, and how it begins: at the visit, and again after whatever has happened to it. */
import type { StartOptions, StartReport } from '../../workers/browser/engine_api.ts'
import { eachFrame } from '../draw/animation.ts'
import { machineStore } from './machine_store.ts'
import { forgetTroubles, setTrouble } from './trouble_store.ts'
import { WorkerMachine } from './worker_machine.ts'

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

let shown: WorkerMachine | undefined

/** Starts the machine, plays it, and keeps the page supplied with frames. */
export async function startMachine(): Promise<void> {
  eachFrame((real) => shown?.ask(real))
  document.addEventListener('visibilitychange', () => void shown?.engine.setHidden(document.hidden))
  await begin({})
}

/** Starts again from the disks, in a new worker. For the machine that was there, that is a power cut. */
export async function startAgain(options: StartOptions): Promise<void> {
  shown?.end()
  forgetTroubles()
  machineStore.setState({ condition: 'starting', trouble: '', failure: null })
  await begin(options)
}

/** Whether there is a worker that answers. */
export function isAnswering(): boolean {
  return shown?.isDead === false
}

async function begin(options: StartOptions): Promise<void> {
  const machine = new WorkerMachine({ prompt: promptOf, started: report })
  shown = machine
  try {
    await machine.start(options)
    await machine.show()
    await machine.engine.play()
  } catch (error) {
    machineStore.setState({ condition: 'failed', trouble: error instanceof Error ? error.message : String(error) })
  }
}

function promptOf({ store, notices, refusal, isFound }: StartReport): readonly string[] {
  if (refusal) return []
  return [...(store === 'memory' ? [] : notices), ...(isFound ? PROMPT_AGAIN : PROMPT)]
}

function report({ store, notices, refusal }: StartReport): void {
  forgetTroubles()
  if (refusal) {
    const { reason: kind, message } = refusal
    setTrouble({ kind, message })
    return
  }
  machineStore.setState({
    condition: 'running',
    trouble: '',
    storage: store === 'memory' ? 'memory' : 'files',
    storageTrouble: notices.join(' '),
  })
}
