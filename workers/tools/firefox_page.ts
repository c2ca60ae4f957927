import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bidi, type NodeReference } from './bidi.ts'
import { findFirefox } from './firefox.mjs'

/** A page that has nothing to tell to anybody else. */
const PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'services.settings.server': 'data:,none',
  'toolkit.telemetry.enabled': false,
}

const STARTS_WITHIN = 240_000
/** A Firefox that draws without a graphics card takes its time. */
const PATIENCE = 240_000
const PAUSE = 100

/** The keys that are no letters. */
export const KEYS = { enter: '\uE007' } as const

/** A Firefox with a profile of its own. */
export class Firefox {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #pages: FirefoxPage[] = []
  #bidi!: Bidi

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process
    this.#profile = profile
  }

  /** @errors throws if there is no Firefox, or if it does not start */
  static async launch(): Promise<Firefox> {
    const program = findFirefox()
    if (!program) throw new Error('no Firefox found')
    const profile = await mkdtemp(join(tmpdir(), 'blockscope-firefox-'))
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
    await writeFile(join(profile, 'user.js'), lines.join('\n'))
    const options = ['--headless', '--no-remote', '--remote-debugging-port', '0', '--profile', profile]
    // Firefox as root wants a home that is root's.
    const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' }
    const firefox = new Firefox(spawn(program, options, { env, stdio: ['ignore', 'ignore', 'pipe'] }), profile)
    try {
      firefox.#bidi = await Bidi.connect(await firefox.#address(), (_method, params) => firefox.#logged(params))
      await firefox.#bidi.send('session.subscribe', { events: ['log.entryAdded'] })
      return firefox
    } catch (error) {
      await firefox.close()
      throw error
    }
  }

  /** Where it listens, as it says on its way up. */
  #address(): Promise<string> {
    return new Promise((resolve, reject) => {
      let said = ''
      const fail = (why: string): void => reject(new Error(`Firefox ${why}: ${said}`))
      const timer = setTimeout(() => fail('does not listen'), STARTS_WITHIN)
      this.#process.once('error', (error) => fail(error.message))
      this.#process.once('exit', () => fail('ended'))
      this.#process.stderr?.on('data', (bytes) => {
        said += bytes
        const url = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1]
        if (url === undefined) return
        clearTimeout(timer)
        resolve(url)
      })
    })
  }

  #logged(params: unknown): void {
    const { level, text, source } = params as { level: string; text: string; source: { context?: string } }
    if (level !== 'error') return
    for (const page of this.#pages) if (page.context === source.context) page.mistakes.push(text)
  }

  /** Opens a page that shares no files with others. */
  async open(): Promise<FirefoxPage> {
    const { userContext } = await this.#bidi.send<{ userContext: string }>('browser.createUserContext', {})
    const created = { type: 'tab', userContext }
    const { context } = await this.#bidi.send<{ context: string }>('browsingContext.create', created)
    const viewport = { width: 1440, height: 900 }
    await this.#bidi.send('browsingContext.setViewport', { context, viewport })
    const page = new FirefoxPage(this.#bidi, context)
    this.#pages.push(page)
    return page
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    const isRunning = this.#process.exitCode === null && this.#process.signalCode === null
    if (isRunning) this.#process.kill()
    if (isRunning) await ended
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}

/** A page of it: what a person does there, and sees. */
export class FirefoxPage {
  /** What went wrong in the page: exceptions, and what it wrote as an error. */
  readonly mistakes: string[] = []
  readonly context: string
  readonly #bidi: Bidi

  constructor(bidi: Bidi, context: string) {
    this.#bidi = bidi
    this.context = context
  }

  async goto(url: string): Promise<void> {
    await this.#bidi.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' })
  }

  async reload(): Promise<void> {
    await this.#bidi.send('browsingContext.reload', { context: this.context, wait: 'complete' })
  }

  /** @returns the value of an expression in the page: text, a number or a truth */
  evaluate(expression: string): Promise<unknown> {
    return this.#bidi.evaluate(this.context, expression)
  }

  /** Waits until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    const end = Date.now() + PATIENCE
    while ((await this.evaluate(`Boolean(${expression})`)) !== true) {
      if (Date.now() > end) throw new Error(`never came true in Firefox: ${expression}`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }

  /** Waits for an element of this role and name. */
  async find(role: string, name: string): Promise<NodeReference> {
    const end = Date.now() + PATIENCE
    for (;;) {
      const [node] = await this.#bidi.find(this.context, role, name)
      if (node !== undefined) return node
      if (Date.now() > end) throw new Error(`never seen in Firefox: ${role} ${name}`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }

  async count(role: string, name: string): Promise<number> {
    return (await this.#bidi.find(this.context, role, name)).length
  }

  /** A press of the pointer in the middle of an element. */
  async click(role: string, name: string): Promise<void> {
    const element = await this.find(role, name)
    const pointer = [
      { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element: { sharedId: element.sharedId } } },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]
    await this.#act({ type: 'pointer', id: 'mouse', actions: pointer })
  }

  /** Presses keys where the focus is: letters as they are, others from {@link KEYS}. */
  async press(text: string): Promise<void> {
    const keys = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ])
    await this.#act({ type: 'key', id: 'keyboard', actions: keys })
  }

  async #act(source: object): Promise<void> {
    await this.#bidi.send('input.performActions', { context: this.context, actions: [source] })
  }

  async close(): Promise<void> {
    await this.#bidi.send('browsingContext.close', { context: this.context })
  }
}
