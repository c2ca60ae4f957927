/** WebDriver BiDi over its socket: commands out, their answers in. The part of it that tests in Firefox need. */
import { WebSocket } from 'ws'

/** A node of the page, as later commands name it. */
export interface NodeReference {
  readonly sharedId: string
}

interface Answer {
  readonly id?: number
  readonly type: 'success' | 'error' | 'event'
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: string
  readonly message?: string
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** What an evaluation comes to: text, numbers, truth; other values are not asked for. */
interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly type: string; readonly value?: unknown }
  readonly exceptionDetails?: { readonly text: string }
}

export class Bidi {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  readonly #onEvent: (method: string, params: unknown) => void
  #last = 0

  private constructor(socket: WebSocket, onEvent: (method: string, params: unknown) => void) {
    this.#socket = socket
    this.#onEvent = onEvent
    socket.on('message', (data) => this.#take(JSON.parse((data as Buffer).toString()) as Answer))
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser went away'))
      this.#waiting.clear()
    })
  }

  /** @param url that the browser printed when it started */
  static async connect(url: string, onEvent: (method: string, params: unknown) => void): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const bidi = new Bidi(socket, onEvent)
    await bidi.send('session.new', { capabilities: {} })
    return bidi
  }

  #take({ id, type, method, params, result, error, message }: Answer): void {
    if (type === 'event') return this.#onEvent(method ?? '', params)
    const waiting = this.#waiting.get(id ?? -1)
    this.#waiting.delete(id ?? -1)
    if (type === 'error') waiting?.reject(new Error(`${error}: ${message}`))
    else waiting?.resolve(result)
  }

  /** @errors throws with what the browser says against it */
  send<Result>(method: string, params: object): Promise<Result> {
    const id = ++this.#last
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result), reject })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  /** @returns the value of an expression in the page: text, a number or a truth; undefined for all else */
  async evaluate(context: string, expression: string): Promise<unknown> {
    const answer = await this.send<Evaluated>('script.evaluate', {
      expression,
      target: { context },
      awaitPromise: true,
    })
    if (answer.type === 'exception') throw new Error(answer.exceptionDetails?.text ?? expression)
    return answer.result?.value
  }

  /** The elements of a role and a name, as assistive technology sees them. */
  async find(context: string, role: string, name: string): Promise<readonly NodeReference[]> {
    const locator = { type: 'accessibility', value: { role, name } }
    const { nodes } = await this.send<{ nodes: readonly NodeReference[] }>('browsingContext.locateNodes', {
      context,
      locator,
    })
    return nodes
  }

  close(): void {
    this.#socket.close()
  }
}
