/** A machine in a worker of its own: the page's port to it, and the frames it is asked for while the page shows it. */
import { transfer, wrap, type Remote } from 'comlink'
import {
  FRAME_REQUEST,
  type EngineApi,
  type Frame,
  type StartOptions,
  type StartReport,
} from '../../workers/browser/engine_api.ts'
import { consoleStore } from './console_store.ts'
import { connect, receive } from './engine.ts'

/** How long a worker that is not shown any more may take to answer what it was asked, in milliseconds. */
const PARTING = 1000

const listeners = new Set<(frame: Frame) => void>()

/** Calls back with every frame of the machine that is shown, after the page has taken it in. @returns what ends it */
export function eachReceived(listener: (frame: Frame) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface WorkerMachineOptions {
  /** What is to be said of it, behind the lines that made it. */
  prompt(report: StartReport): readonly string[]
  /** It was started, or started anew. */
  started(report: StartReport): void
  /** The worker itself has failed. */
  failed(trouble: string): void
}

export class WorkerMachine {
  readonly engine: Remote<EngineApi>
  readonly #worker: Worker
  readonly #options: WorkerMachineOptions
  report: StartReport | undefined
  #frames: MessagePort | undefined
  #isAsked = false
  #prompt: readonly string[] = []

  constructor(options: WorkerMachineOptions) {
    this.#options = options
    this.#worker = new Worker(new URL('../../workers/browser/engine_worker.ts', import.meta.url), { type: 'module' })
    this.#worker.addEventListener('error', (event) =>
      options.failed(event.message || 'The worker could not be loaded.'),
    )
    this.engine = wrap<EngineApi>(this.#worker)
  }

  /** Starts it; nothing of it is on the page yet. */
  async start(options: StartOptions): Promise<StartReport> {
    const report = await this.engine.start(options)
    this.report = report
    this.#prompt = this.#options.prompt(report)
    return report
  }

  /** From now on the page shows this machine, and speaks with it. */
  async show(): Promise<void> {
    const { engine } = this
    const { port1, port2 } = new MessageChannel()
    this.#frames = port1
    this.#isAsked = false
    port1.onmessage = ({ data }: MessageEvent<Frame | null>) => {
      this.#isAsked = false
      if (data && this.#frames === port1) this.#take(data)
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
      peekTwin: async (disk, sector, sectors) => (await engine.viewTwinDisk(disk, sector, sectors)) ?? undefined,
      recordedCommands: () => engine.recordedCommands(),
      reset: async () => this.#startedAnew(await engine.reset(), true),
      // A new machine of nothing: what it is to be is typed.
      beginEmpty: async (seed) => this.#startedAnew(await engine.reset({ seed, script: '' }), false),
      previewCut: (keep) => engine.previewCut(keep),
      exportDisk: async (disk) => (await engine.exportDisk(disk)) ?? undefined,
      importDisk: async (disk, bytes, model) =>
        this.#startedAnew(await engine.importDisk(disk, transfer(bytes, [bytes.buffer]), model), false),
      exportRecording: () => engine.exportRecording(),
      moment: () => engine.moment(),
      exportBeginning: async (disk) => (await engine.exportBeginning(disk)) ?? undefined,
      cancelOpening: () => engine.cancelOpening(),
    })
    if (this.report) this.#options.started(this.report)
    await engine.connect(transfer(port2, [port2]))
  }

  /** The page shows another one; this one waits, paused. */
  hide(): void {
    this.#frames?.close()
    this.#frames = undefined
    void this.engine.pause()
  }

  /** Asks for a frame, if the last one has come. */
  ask(): void {
    if (this.#isAsked || !this.#frames) return
    this.#isAsked = true
    this.#frames.postMessage(FRAME_REQUEST)
  }

  /** For good. */
  end(): void {
    this.hide()
    setTimeout(() => this.#worker.terminate(), PARTING)
  }

  #startedAnew(report: StartReport, withPrompt: boolean): void {
    this.report = report
    this.#prompt = withPrompt ? this.#options.prompt(report) : []
    this.#options.started(report)
  }

  #take(frame: Frame): void {
    receive(frame, performance.now())
    for (const listener of listeners) listener(frame)
    // What has to be said comes last, behind the lines that made the machine.
    if (this.#prompt.length === 0 || frame.timeline?.isTravelling === true) return
    const isMade = !frame.command && frame.firstEntry + frame.entries.length > 0
    if (!isMade && this.report?.link === null) return
    for (const line of this.#prompt) consoleStore.getState().print('note', line)
    this.#prompt = []
  }
}
