import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { startMachine } from './model/connection.ts'
import { isEmbedded } from './model/embedded.ts'
import { whenMoving } from './model/moving.ts'
import { trustOwnAddresses } from './own_addresses.ts'
import { Mishap } from './views/mishap.tsx'
import { Page } from './views/page.tsx'
import './theme/theme.css'

/** The page, or the part of it that others embed; that one listens before anything happens. */
async function start(): Promise<void> {
  if (isEmbedded) (await import('./model/embed.ts')).listenToParent()
  await startMachine()
}

const EmbedPage = lazy(async () => ({ default: (await import('./views/embed_page.tsx')).EmbedPage }))

trustOwnAddresses()
void start()
void whenMoving()
  .then(() => import('./model/offline.ts'))
  .then(({ keepForOffline }) => keepForOffline())

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Mishap>
      <Suspense>{isEmbedded ? <EmbedPage /> : <Page />}</Suspense>
    </Mishap>
  </StrictMode>,
)
