/** Makes the service worker of a build: what `workers/offline/service_worker.ts` does, with the list of the build's files before it. */
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'vite'
import { root } from './process.mjs'

const ENTRY = 'workers/offline/service_worker.ts'
const WORKER = 'service_worker.js'
const PAGE = 'index.html'
/** What the page needs; pictures of the documentation and source maps are left out. */
const NEEDED = /^(assets\/.*(?<!\.map)|icons\/.*|icon\.svg|manifest\.webmanifest)$/

/** On a server for development: a worker of an earlier build would answer with that build's files, and has to go. */
const FAREWELL = `self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(
  caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith('blockscope ')).map((name) => caches.delete(name))))
    .then(() => self.registration.unregister())
    .then(() => self.clients.matchAll({ type: 'window' }))
    .then((clients) => clients.forEach((client) => client.navigate(client.url))),
))
`

/** The page's files, ready for visits without a network. */
export function offline(): Plugin {
  let folder = ''
  return {
    name: 'blockscope:offline',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    configureServer(server) {
      server.middlewares.use(`/${WORKER}`, (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript')
        response.end(FAREWELL)
      })
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler: () => finish(folder),
    },
  }
}

/** Names the version in the page, and writes the worker. */
async function finish(folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/')).sort()
  const files = names.filter((name) => NEEDED.test(name) && name.includes('.'))
  const page = join(folder, PAGE)
  const text = await readFile(page, 'utf8')
  const hashes = Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, hashOf(await readFile(join(folder, name)))])),
  )
  const code = await bundle()
  const version = hashOf(JSON.stringify([hashes, text, code]))
    .replaceAll(/\W/g, '')
    .slice(0, 12)
  const named = text.replace('</title>', `</title>\n    <meta name="version" content="${version}" />`)
  await writeFile(page, named)
  // The page stands under the name that every server gives it without sending the browser elsewhere.
  const list = { './': hashOf(named), ...hashes }
  await writeFile(
    join(folder, WORKER),
    `const PAGE_VERSION = ${JSON.stringify(version)}\nconst PAGE_FILES = ${JSON.stringify(list)}\n${code}`,
  )
}

/** As `integrity` wants it. */
function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64')
}

async function bundle(): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: join(root, ENTRY), formats: ['es'], fileName: 'service_worker' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (!('output' in output)) throw new Error('the service worker was not built')
  const [chunk] = output.output
  return chunk.code
}
