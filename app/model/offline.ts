/** Keeps the page for visits without a network, and hears of new versions of it. See `workers/offline/service_worker.ts`. */
import { createStore } from 'zustand/vanilla'
import { NEWEST, notesOf } from '../../workers/offline/cache_names.ts'
import { machineStore } from './machine_store.ts'

/** What moves comes first: so long after the first disk I/O the page is left alone, in milliseconds. */
const SETTLED = 1500
/** The latest after which it begins although the page is busy, in milliseconds. */
const PATIENCE = 5000

/** Whether there is a version of the page that this one is not. */
export const versionStore = createStore<{ readonly isNewReady: boolean }>()(() => ({ isNewReady: false }))

/** Begins once something moves, or it is clear that nothing will. */
export function keepForOffline(): void {
  const isEmbedded = window.parent !== window
  if (!import.meta.env.PROD || isEmbedded || navigator.serviceWorker === undefined) return
  const end = machineStore.subscribe(({ condition, steps }) => {
    if (condition === 'starting' || (condition === 'running' && steps === 0)) return
    end()
    const begin = (): void => void register().catch(() => undefined)
    setTimeout(() => {
      if (typeof requestIdleCallback === 'function') requestIdleCallback(begin, { timeout: PATIENCE })
      else begin()
    }, SETTLED)
  })
}

/** @errors as the browser's, where it keeps no files for this page, or none could be fetched: the page then needs the network */
async function register(): Promise<void> {
  const address = new URL('service_worker.js', document.baseURI)
  const registration = await navigator.serviceWorker.register(address, { updateViaCache: 'none' })
  const watch = (): void => {
    registration.installing?.addEventListener('statechange', () => void look(registration.scope))
  }
  registration.addEventListener('updatefound', watch)
  watch()
  await look(registration.scope)
  // Where there is no network, what is here will do.
  if (registration.active !== null) await registration.update()
}

async function look(scope: string): Promise<void> {
  const own = document.querySelector<HTMLMetaElement>('meta[name="version"]')?.content
  const note = await caches.match(NEWEST, { cacheName: notesOf(scope) })
  const newest = await note?.text()
  if (newest !== undefined && newest !== own) versionStore.setState({ isNewReady: true })
}
