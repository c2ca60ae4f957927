import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { preview } from 'vite'
import { ensureBuilt } from './built.mjs'
import { findChromium } from './chromium.mjs'
import { root } from './process.mjs'

/** For what a test waits for; the machine's two cores may have other things to do. In milliseconds. */
export const PATIENCE = 120_000

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A Chromium with a profile of its own. */
export interface Browser {
  /** Where pages are opened; they share the profile, so that a page opened again finds its files. */
  context: BrowserContext
  /** Ends it and removes the profile. */
  close(): Promise<void>
}

/**
 * Starts a real Chromium with a fresh profile.
 * @errors throws if there is no Chromium, or if it does not start
 */
export async function launch(): Promise<Browser> {
  const executablePath = await findChromium()
  if (!executablePath) throw new Error('no Chromium found: run npm test, which gets one, or set BLOCKSCOPE_CHROMIUM')
  const profile = await mkdtemp(join(tmpdir(), 'blockscope-chromium-'))
  // The last of its processes may still be writing when the browser says that it is closed.
  const remove = (): Promise<void> => rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  try {
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: ARGUMENTS })
    context.setDefaultTimeout(PATIENCE)
    return {
      context,
      close: async () => {
        await context.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A port of this machine that nobody uses now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('the probing socket has no port'))
      })
    })
  })
}

/** The built page, being served. */
export interface Served {
  /** Its address, with the slash at the end. */
  url: string
  /** The paths that were asked for so far, in their order: by pages and by their workers. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * Builds the page if it is missing or out of date, and serves it as `npm start` does, on a free port.
 * @errors throws with what the builder said if it fails
 */
export async function serveBuilt(): Promise<Served> {
  await ensureBuilt()
  const port = await freePort()
  const server = await preview({
    root,
    logLevel: 'warn',
    preview: { host: '127.0.0.1', port, strictPort: true },
  })
  const requests: string[] = []
  server.httpServer.prependListener('request', ({ url }: IncomingMessage) => requests.push(url ?? ''))
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () => server.close(),
  }
}
