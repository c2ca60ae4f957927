/**
 * The service worker: answers for the page's own files when there is no network, and when there is one, too. The build puts a
 * list of all files in front of it, with the hash of each.
 *
 * A version is a cache with every file of one build. It is filled before anybody gets anything of it; a file that does not have
 * the hash that the build gave it ends the attempt, and the version before stays. Then the notes name it as the newest, and the
 * next visit gets its first file, and with it, by their hashed names, all others: pages that are open keep theirs, which the
 * older caches have. So no page is ever made of two versions, and none is reloaded under a person's hands. When the last page
 * of an older version is closed, the browser activates the new worker, which throws the older caches away.
 *
 * Nothing but the page's own files is answered here, and nothing is fetched from elsewhere.
 */
import { filesOf, NEWEST, notesOf } from './cache_names.ts'

declare const self: ServiceWorkerGlobalScope
/** What the build knows of itself: its name, and its files with the SHA-256 of each. */
declare const PAGE_VERSION: string
declare const PAGE_FILES: Readonly<Record<string, string>>

/** The page itself, as every server knows it. */
const PAGE = './'
const { scope } = self.registration
const FILES = filesOf(scope, PAGE_VERSION)
const NOTES = notesOf(scope)

/** Files whose names have their hashes in them: the same name is the same file, in every version. */
function isNamedByHash(name: string): boolean {
  return name.startsWith('assets/')
}

async function install(): Promise<void> {
  const cache = await caches.open(FILES)
  await Promise.all(Object.entries(PAGE_FILES).map(([name, hash]) => bring(cache, name, hash)))
  const notes = await caches.open(NOTES)
  await notes.put(NEWEST, new Response(PAGE_VERSION))
}

/** @errors TypeError where it cannot be fetched, or is another file than the build's */
async function bring(cache: Cache, name: string, hash: string): Promise<void> {
  const known = isNamedByHash(name) ? await caches.match(name) : undefined
  if (known !== undefined) return cache.put(name, known)
  const freshness = isNamedByHash(name) ? 'default' : 'no-cache'
  const response = await fetch(name, { cache: freshness, integrity: `sha256-${hash}` })
  if (!response.ok) throw new TypeError(`${name}: ${response.status}`)
  await cache.put(name, response)
}

async function activate(): Promise<void> {
  // While another version is being brought here, its cache is among those that look old.
  if (self.registration.installing === null && self.registration.waiting === null) {
    const names = (await caches.keys()).filter((name) => name.startsWith(filesOf(scope, '')))
    await Promise.all(names.filter((name) => name !== FILES).map((name) => caches.delete(name)))
  }
  await self.clients.claim()
}

/** The first file of the newest version. */
async function openPage(request: Request): Promise<Response> {
  const note = await caches.match(NEWEST, { cacheName: NOTES })
  const newest = (await note?.text()) ?? PAGE_VERSION
  const known = (await caches.match(PAGE, { cacheName: filesOf(scope, newest) })) ?? (await caches.match(PAGE))
  return known ?? fetch(request)
}

/** A file by its name, from whichever version has it. */
async function openFile(name: string, request: Request): Promise<Response> {
  const known = (await caches.match(name, { cacheName: FILES })) ?? (await caches.match(name))
  return known ?? fetch(request)
}

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || !`${address.origin}${address.pathname}`.startsWith(scope)) return
  const name = `${address.origin}${address.pathname}`.slice(scope.length)
  if (request.mode === 'navigate') {
    if (name === '' || name === 'index.html') event.respondWith(openPage(request))
  } else if (isNamedByHash(name) || Object.hasOwn(PAGE_FILES, name)) event.respondWith(openFile(name, request))
})
