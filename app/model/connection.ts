/** The real machine, in its worker: the page's port to it, and the frames it is asked for once per animation frame. */
import { transfer, wrap } from 'comlink'
import { FRAME_REQUEST, type EngineApi, type Frame, type StartReport } from '../../workers/browser/engine_api.ts'
import { eachFrame } from '../draw/animation.ts'
import { consoleStore } from './console_store.ts'
import { connect, receive } from './engine.ts'
import { machineStore } from './machine_store.ts'

const PROMPT = [
  'A RAID-5 of four disks is at work. On the stage: its chunks, its bitmap, and what is only in a disk’s cache.',
  'Cut the power in the middle of a write. Switch it on: the array finds out from its own disks what to resync.',
  'Or pull a disk, write, put in another. Every button types its line here; “help” tells what else there is.',
]
const PROMPT_AGAIN = [
  'These are the disks of your last visit. Closing the tab was a power cut; the boot script has just been run.',
  'On the stage: what the array finds out from its own disks. Cut the power again, or pull a disk and write.',
  'Every button types its line here; “help” tells what else there is.',
]

/** Starts the machine, plays it, and keeps the page supplied with frames. */
export async function startMachine(): Promise<void> {
  const worker = new Worker(new URL('../../workers/browser/engine_worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('error', (event) => fail(event.message || 'The worker could not be loaded.'))
  const engine = wrap<EngineApi>(worker)
  const { port1, port2 } = new MessageChannel()
  let isAsked = false
  port1.onmessage = ({ data }: MessageEvent<Frame | null>) => {
    isAsked = false
    if (data) receive(data, performance.now())
  }
  connect({
    type: (line) => engine.type(line),
    play: () => engine.play(),
    pause: () => engine.pause(),
    step: (count) => engine.stepForward(count),
    setSpeed: (speed) => engine.setSpeed(speed),
    peek: async (disk, sector, sectors) => (await engine.readDisk(disk, sector, sectors)) ?? undefined,
    reset: async () => report(await engine.reset()),
  })
  try {
    await engine.connect(transfer(port2, [port2]))
    report(await engine.start())
    await engine.play()
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
    return
  }
  document.addEventListener('visibilitychange', () => void engine.setHidden(document.hidden))
  eachFrame(() => {
    if (isAsked) return
    isAsked = true
    port1.postMessage(FRAME_REQUEST)
  })
}

function fail(trouble: string): void {
  machineStore.setState({ condition: 'failed', trouble })
}

function report({ store, isFound, notices, refusal }: StartReport): void {
  const { print } = consoleStore.getState()
  machineStore.setState({
    condition: refusal ? (refusal.reason === 'locked' ? 'elsewhere' : 'failed') : 'running',
    trouble: refusal?.message ?? '',
    storage: store === 'memory' ? 'memory' : 'files',
    storageTrouble: notices.join(' '),
  })
  if (refusal) return
  for (const line of isFound ? PROMPT_AGAIN : PROMPT) print('note', line)
  for (const notice of notices) print('note', notice)
}
