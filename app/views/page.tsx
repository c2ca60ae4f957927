import { lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { linkStore } from '../model/link_store.ts'
import { pageStore } from '../model/page_store.ts'
import { Dialogs, FileDrop, Keys, late, LinkedHover, LiveAccount, Notices, ScriptProgress } from './late.tsx'
import { Opening } from './opening.tsx'
import { StageDefs } from './stage_defs.tsx'
import { Tabs } from './tabs.tsx'
import { Transport } from './transport.tsx'
import { useMedia } from './use_media.ts'

const Wide = late(async () => (await import('./wide.tsx')).Wide, <Opening />)
const Presenter = lazy(async () => ({ default: (await import('./presenter.tsx')).Presenter }))
const LinkNotice = lazy(async () => ({ default: (await import('./link_notice.tsx')).LinkNotice }))

/** Below this, regions are tabs: also what a page magnified four times is. */
const NARROW = '(max-width: 899px), (max-height: 479px)'

function Link(): ReactElement | null {
  const hasLink = useStore(linkStore, ({ link }) => link.kind !== 'none')
  if (!hasLink) return null
  return (
    <Suspense>
      <LinkNotice />
    </Suspense>
  )
}

export function Page(): ReactElement {
  const isNarrow = useMedia(NARROW)
  const isPresenting = useStore(pageStore, (state) => state.isPresenting)
  const shape = isPresenting ? 'page-presenting' : isNarrow ? 'page-narrow' : ''
  return (
    <div className={`page ${shape}`}>
      <svg width="0" height="0" className="unseen" aria-hidden="true">
        <StageDefs />
      </svg>
      {!isPresenting && <Transport />}
      <Notices />
      <Link />
      <ScriptProgress />
      <main className="page-main">
        {isPresenting ? (
          <Suspense>
            <Presenter />
          </Suspense>
        ) : isNarrow ? (
          <Tabs />
        ) : (
          <Wide />
        )}
      </main>
      <LiveAccount />
      <Dialogs />
      <FileDrop />
      <Keys />
      <LinkedHover />
    </div>
  )
}
