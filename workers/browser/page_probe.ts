/** What the tests of the worker do in the page: they speak with it as the page does, and look at the frames. */
import { transfer, wrap, type Remote } from 'comlink'
import { FRAME_REQUEST, type EngineApi, type Frame, type StartOptions, type StartReport } from './engine_api.ts'

class PageProbe {
  readonly #worker: Worker
  readonly engine: Remote<EngineApi>
  report: StartReport | null = null
  frame: Frame | null = null
  /** What every console entry said. */
  readonly entries: Frame['entries'][number][] = []

  constructor() {
    this.#worker = new Worker('engine.js', { type: 'module' })
    this.engine = wrap<EngineApi>(this.#worker)
  }

  async start(options: StartOptions): Promise<StartReport> {
    const { port1, port2 } = new MessageChannel()
    const ask = (): void => void requestAnimationFrame(() => port1.postMessage(FRAME_REQUEST))
    port1.onmessage = ({ data }: MessageEvent<Frame | null>) => {
      if (data !== null) {
        this.frame = data
        this.entries.push(...data.entries)
      }
      ask()
    }
    await this.engine.connect(transfer(port2, [port2]))
    this.report = await this.engine.start(options)
    await this.engine.play()
    ask()
    return this.report
  }

  /** Types, and waits until the frames show the answer. */
  async say(line: string): Promise<Frame['entries'][number]> {
    const before = this.entries.length
    await this.engine.type(line)
    for (;;) {
      const found = this.entries.slice(before).find(({ command }) => command === line)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  kill(): void {
    this.#worker.terminate()
  }
}

Object.assign(globalThis, { PageProbe })

export type { PageProbe }
