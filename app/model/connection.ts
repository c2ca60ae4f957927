/** The real machine, in its worker: the page's port to it, and the frames it is asked for once per animation frame. */
import { transfer, wrap } from 'comlink'
import { FRAME_REQUEST, type EngineApi, type Frame, type StartReport } from '../../workers/browser/engine_api.ts'
import { eachFrame } from '../draw/animation.ts'
import { consoleStore } from './console_store.ts'
import { connect, receive } from './engine.ts'
import { machineStore } from './machine_store.ts'
import { whenMoving } from './moving.ts'

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

/** Starts the machine, plays it, and keeps the page supplied with frames. */
export async function startMachine(): Promise<void> {
  const worker = new Worker(new URL('../../workers/browser/engine_worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('error', (event) => fail(event.message || 'The worker could not be loaded.'))
  const engine = wrap<EngineApi>(worker)
  const { port1, port2 } = new MessageChannel()
  let isAsked = false
  let prompt: readonly string[] = []
  const started = (started: StartReport): void => {
    report(started)
    const notices = started.store === 'memory' ? [] : started.notices
    prompt = started.refusal ? [] : [...notices, ...(started.isFound ? PROMPT_AGAIN : PROMPT)]
  }
  port1.onmessage = ({ data }: MessageEvent<Frame | null>) => {
    isAsked = false
    if (!data) return
    receive(data, performance.now())
    // What has to be said comes last, behind the lines that made the machine.
    if (prompt.length === 0 || data.command || data.firstEntry + data.entries.length === 0) return
    for (const line of prompt) consoleStore.getState().print('note', line)
    prompt = []
  }
  connect({
    type: (line) => engine.type(line),
    play: () => engine.play(),
    pause: () => engine.pause(),
    step: (count) => engine.stepForward(count),
    seek: (step) => engine.seek(step),
    undo: () => engine.undo(),
    live: () => engine.live(),
    nextNotable: () => engine.nextNotable(),
    previousNotable: () => engine.previousNotable(),
    switchBranch: (name) => engine.switchBranch(name),
    renameBranch: (name, to) => engine.renameBranch(name, to),
    cancelJourney: () => engine.cancelJourney(),
    onTrack: (track, isForward) => engine.onTrack(track, isForward),
    recorded: (fromBucket) => engine.recorded(fromBucket),
    recordedRows: (fromStep, toStep) => engine.recordedRows(fromStep, toStep),
    peekBefore: (disk, sector, sectors) => engine.readBefore(disk, sector, sectors),
    setSpeed: (speed) => engine.setSpeed(speed),
    peek: async (disk, sector, sectors) => (await engine.viewDisk(disk, sector, sectors)) ?? undefined,
    reset: async () => started(await engine.reset()),
    // A new machine of nothing: what it is to be is typed.
    beginEmpty: async (seed) => report(await engine.reset({ seed, script: '' })),
    previewCut: (keep) => engine.previewCut(keep),
    exportDisk: async (disk) => (await engine.exportDisk(disk)) ?? undefined,
    importDisk: async (disk, bytes, model) =>
      report(await engine.importDisk(disk, transfer(bytes, [bytes.buffer]), model)),
    exportRecording: () => engine.exportRecording(),
  })
  try {
    await engine.connect(transfer(port2, [port2]))
    started(await engine.start())
    await engine.play()
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
    return
  }
  // Where that fails, the first line that is typed tries again, and says why.
  void whenMoving().then(() => engine.prepare().catch(() => undefined))
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

function report({ store, notices, refusal }: StartReport): void {
  machineStore.setState({
    condition: refusal ? (refusal.reason === 'locked' ? 'elsewhere' : 'failed') : 'running',
    trouble: refusal?.message ?? '',
    storage: store === 'memory' ? 'memory' : 'files',
    storageTrouble: notices.join(' '),
  })
}
