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
import { endTrouble, setNotices, setTrouble, type Trouble } from './trouble_store.ts'
import { Patience, watchLife } from './worker_life.ts'

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
}

export class WorkerMachine {
  readonly engine: Remote<EngineApi>
  readonly #worker: Worker
  readonly #options: WorkerMachineOptions
  readonly #endWatch: () => void
  readonly #patience = new Patience(
    () => this.#tell({ kind: 'silent' }),
    () => this.#settle('silent'),
  )
  report: StartReport | undefined
  /** Its worker is gone: nothing that it is asked will be answered. */
  isDead = false
  /** What has happened to it, also while the page showed another one. */
  #trouble: Trouble | undefined
  #frames: MessagePort | undefined
  #isAsked = false
  #prompt: readonly string[] = []

  constructor(options: WorkerMachineOptions) {
    this.#options = options
    this.#worker = new Worker(new URL('../../workers/browser/engine_worker.ts', import.meta.url), { type: 'module' })
    this.engine = wrap<EngineApi>(this.#worker)
    this.#endWatch = watchLife(this.#worker, this.engine, (message) => {
      this.#tell({ kind: 'dead', message })
      this.kill()
    })
    void this.#hear()
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
    if (!this.isDead) this.#frames = port1
    this.#isAsked = false
    port1.onmessage = ({ data }: MessageEvent<Frame | null>) => {
      this.#isAsked = false
      this.#patience.answered()
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
      lookAt: (what, name) => engine.lookAt(what, name),
      previewCut: (keep) => engine.previewCut(keep),
      exportDisk: async (disk) => (await engine.exportDisk(disk)) ?? undefined,
      importDisk: async (disk, bytes, model) =>
        this.#startedAnew(await engine.importDisk(disk, transfer(bytes, [bytes.buffer]), model), false),
      exportRecording: () => engine.exportRecording(),
      writeBack: () => this.#writeBack(),
      moment: () => engine.moment(),
      exportBeginning: async (disk) => (await engine.exportBeginning(disk)) ?? undefined,
      cancelOpening: () => engine.cancelOpening(),
    })
    if (this.report) this.#options.started(this.report)
    if (this.#trouble !== undefined) setTrouble(this.#trouble)
    if (this.isDead) return
    await engine.connect(transfer(port2, [port2]))
  }

  /** The page shows another one; this one waits, paused. */
  hide(): void {
    this.#frames?.close()
    this.#frames = undefined
    void this.engine.pause()
  }

  /** Asks for a frame, if the last one has come. @param real milliseconds */
  ask(real: number): void {
    if (!this.#frames) return
    if (this.#isAsked) {
      this.#patience.look(real)
      return
    }
    this.#isAsked = true
    this.#patience.asked(real)
    this.#frames.postMessage(FRAME_REQUEST)
  }

  /** For good. */
  end(): void {
    this.hide()
    this.#endWatch()
    setTimeout(() => this.kill(), PARTING)
  }

  /** For good, and at once: for the machine, a power cut. */
  kill(): void {
    this.isDead = true
    this.#endWatch()
    this.#frames?.close()
    this.#frames = undefined
    this.#worker.terminate()
  }

  /** What happens without being asked for. */
  async #hear(): Promise<void> {
    for (;;) {
      const incident = await this.engine.incident()
      if (this.isDead) return
      this.#tell(incident)
      if (incident.kind === 'taken') this.kill()
    }
  }

  #tell(trouble: Trouble): void {
    this.#trouble = trouble
    // Before it has started there is nothing else to be shown.
    if (this.#frames !== undefined || this.report === undefined) setTrouble(trouble)
  }

  #settle(kind: Trouble['kind']): void {
    if (this.#trouble?.kind === kind) this.#trouble = undefined
    endTrouble(kind)
  }

  async #writeBack(): Promise<string | null> {
    const refusal = await this.engine.writeBack()
    if (refusal === null) this.#settle('full')
    return refusal
  }

  #startedAnew(report: StartReport, withPrompt: boolean): void {
    this.report = report
    this.#prompt = withPrompt ? this.#options.prompt(report) : []
    this.#options.started(report)
  }

  #take(frame: Frame): void {
    receive(frame, performance.now())
    setNotices(frame.transport.notices)
    for (const listener of listeners) listener(frame)
    // What has to be said comes last, behind the lines that made the machine.
    if (this.#prompt.length === 0 || frame.timeline?.isTravelling === true) return
    const isMade = !frame.command && frame.firstEntry + frame.entries.length > 0
    if (!isMade && this.report?.link === null) return
    for (const line of this.#prompt) consoleStore.getState().print('note', line)
    this.#prompt = []
  }
}
