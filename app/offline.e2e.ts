/** The page without a network, and its new versions, from a server of plain files. */
import { createReadStream } from 'node:fs'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ensureBuilt } from '../workers/tools/built.mjs'
import { root } from '../workers/tools/process.mjs'
import { button, context, expectAccessible, mistakes, output, page, soon } from './fixtures/visit.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** A server of files that can be stopped, begun again at the same place, and given other files. */
class FileServer {
  folder: string
  /** What was asked for, in order. */
  readonly asked: string[] = []
  /** Names that are answered with something else than the file. */
  readonly spoilt = new Set<string>()
  #server: Server | undefined
  #port = 0

  constructor(folder: string) {
    this.folder = folder
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/blocks/`
  }

  async begin(): Promise<void> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://any')
      const name = pathname.replace(/^\/blocks\//, '') || 'index.html'
      if (name === '/elsewhere') {
        response.setHeader('Content-Type', 'text/html').end('<title>elsewhere</title><link rel="icon" href="data:,">')
        return
      }
      this.asked.push(name)
      void stat(join(this.folder, name)).then(
        () => {
          response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream')
          // A browser may keep files as long as it likes: that must not make an old page of a new one.
          response.setHeader('Cache-Control', 'max-age=31536000')
          if (this.spoilt.has(name)) response.end('half a file')
          else createReadStream(join(this.folder, name)).pipe(response)
        },
        () => response.writeHead(name === 'favicon.ico' ? 204 : 404).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const isClosed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await isClosed
  }
}

let folder: string
let server: FileServer
let asked: string[]
const first = () => join(folder, 'first')
const second = () => join(folder, 'second')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blockscope-versions-'))
  await ensureBuilt()
  await cp(join(root, 'dist'), first(), { recursive: true })
  // A test's own environment would make a page for its developers of it.
  vi.stubEnv('NODE_ENV', 'production')
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    plugins: [
      {
        name: 'another-heading',
        enforce: 'pre',
        transform: (code: string, id: string) =>
          id.endsWith('/transport.tsx') ? code.replace('Blockscope</h1>', 'Blockscope again</h1>') : undefined,
      },
    ],
    build: { outDir: second(), emptyOutDir: true },
  })
  vi.unstubAllEnvs()
})

afterAll(() => rm(folder, { recursive: true }))

beforeEach(async () => {
  server = new FileServer(first())
  await server.begin()
  asked = []
  context.on('request', (request) => asked.push(request.url()))
})

afterEach(() => server.stop())

const clock = () => page.locator('.transport-clock').innerText()

async function expectMoving(): Promise<void> {
  await button('Pause').waitFor()
  const before = await clock()
  await soon(clock).not.toBe(before)
}

/** Waits until everything is in the browser that a visit without a network needs. */
async function untilKept(): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
}

/**
 * Goes to the page when the server has another version, and waits until that is in the browser. The browser looks for it when it
 * has nothing better to do; where two cores draw everything, a machine that moves is better for a minute.
 */
async function visitAnew(): Promise<void> {
  await page.goto(server.url)
  await expectMoving()
  await button('Pause').click()
}

const heading = (name: string) => page.getByRole('heading', { name, exact: true })
const newVersion = () => page.getByRole('status').filter({ hasText: 'A new version of this page is ready.' })

/** How many versions have their files in the browser. */
const versions = () => page.evaluate(async () => (await caches.keys()).filter((name) => / files /.test(name)).length)

test('after the first visit the page works without a server, with all that it brings later', async () => {
  await page.goto(server.url)
  await expectMoving()
  await untilKept()
  await server.stop()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await expectMoving()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').waitFor()
  await page.keyboard.press('Escape')
  await page.goto(`${server.url}?from=somewhere`)
  await output().getByText('of your last visit').waitFor()
  await expectMoving()
  const origin = new URL(server.url).origin
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url))).toEqual([])
})

test('nothing is fetched for later before something moves', async () => {
  await page.addInitScript(() => {
    const seen = { moves: 0, atRegistration: -1 }
    Object.assign(window, { seen })
    let before: string | null | undefined
    const look = (): void => {
      const now = document.querySelector('.transport-clock')?.textContent
      if (now !== before && before !== undefined) seen.moves++
      before = now
      requestAnimationFrame(look)
    }
    look()
    const { serviceWorker } = navigator
    const register = serviceWorker.register.bind(serviceWorker)
    serviceWorker.register = (...given) => {
      seen.atRegistration = seen.moves
      return register(...given)
    }
  })
  await page.goto(server.url)
  await untilKept()
  const seen = await page.evaluate(() => (window as unknown as { seen: { atRegistration: number } }).seen)
  expect(seen.atRegistration).toBeGreaterThan(1)
  expect(server.asked.indexOf('service_worker.js')).toBeGreaterThan(
    server.asked.findIndex((name) => name.includes('engine_worker')),
  )
})

test('a new version is announced, taken at the next visit, and replaces the old one', async () => {
  await page.goto(server.url)
  await untilKept()
  server.folder = second()
  await visitAnew()
  await newVersion().waitFor()
  // The old one runs on, undisturbed, with its own files, which the server does not have any more.
  await heading('Blockscope').waitFor()
  await button('Play').click()
  await expectMoving()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').waitFor()
  await page.keyboard.press('Escape')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectAccessible()
  }
  expect(await versions()).toBe(2)
  await button('Reload').click()
  await heading('Blockscope again').waitFor()
  await expectMoving()
  expect(await newVersion().count()).toBe(0)
  // When no page of the old version is open any more, its files go.
  await page.goto(new URL('/elsewhere', server.url).href)
  await soon(versions).toBe(1)
  await server.stop()
  await page.goto(server.url)
  await heading('Blockscope again').waitFor()
  await expectMoving()
})

test('a new version can wait: the page goes on, and the next visit has it', async () => {
  await page.goto(server.url)
  await untilKept()
  server.folder = second()
  await visitAnew()
  await button('Later').click()
  await newVersion().waitFor({ state: 'detached' })
  await button('Play').click()
  await expectMoving()
  await page.goto('about:blank')
  await server.stop()
  await page.goto(server.url)
  await heading('Blockscope again').waitFor()
  await expectMoving()
})

test('a version that is not whole is not taken', async () => {
  await page.goto(server.url)
  await untilKept()
  server.folder = second()
  server.spoilt.add('manifest.webmanifest')
  server.asked.length = 0
  await visitAnew()
  // The attempt is made, and ends.
  await soon(() => server.asked.includes('manifest.webmanifest')).toBe(true)
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    return registration?.installing === null && registration.waiting === null
  })
  await page.reload()
  await heading('Blockscope').waitFor()
  await expectMoving()
  expect(await newVersion().count()).toBe(0)
  // The browser says which file it was.
  expect(mistakes.every((text) => /integrity|manifest/i.test(text))).toBe(true)
  mistakes.length = 0
})

test('the page can be installed', async () => {
  await page.goto(server.url)
  await untilKept()
  const devtools = await context.newCDPSession(page)
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([])
  const manifest = JSON.parse(await readFile(join(first(), 'manifest.webmanifest'), 'utf8')) as {
    icons: { src: string }[]
  }
  for (const { src } of manifest.icons) expect((await stat(join(first(), src))).size).toBeGreaterThan(100)
})
