import { lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { pageStore } from '../model/page_store.ts'
import { LiveAccount } from './live_account.tsx'
import { FileDrop, Keys, LinkedHover, ScriptProgress, Wide } from './late.tsx'
import { Notices } from './notices.tsx'
import { StageDefs } from './stage_defs.tsx'
import { Tabs } from './tabs.tsx'
import { Transport } from './transport.tsx'
import { useMedia } from './use_media.ts'

const KeysDialog = lazy(async () => ({ default: (await import('./keys_dialog.tsx')).KeysDialog }))
const MdstatDialog = lazy(async () => ({ default: (await import('./mdstat_dialog.tsx')).MdstatDialog }))
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const CutDialog = lazy(async () => ({ default: (await import('./cut_dialog.tsx')).CutDialog }))
const WorkloadDialog = lazy(async () => ({ default: (await import('./workload_dialog.tsx')).WorkloadDialog }))
const ImportDialog = lazy(async () => ({ default: (await import('./import_dialog.tsx')).ImportDialog }))

/** Below this, regions are tabs: also what a page magnified four times is. */
const NARROW = '(max-width: 899px), (max-height: 479px)'

const DIALOGS = {
  palette: Palette,
  keys: KeysDialog,
  mdstat: MdstatDialog,
  cut: CutDialog,
  workloads: WorkloadDialog,
  import: ImportDialog,
} as const

function Dialogs(): ReactElement | null {
  const name = useStore(pageStore, (state) => state.dialog)
  if (name === undefined) return null
  const Dialog = DIALOGS[name]
  return (
    <Suspense>
      <Dialog />
    </Suspense>
  )
}

export function Page(): ReactElement {
  const isNarrow = useMedia(NARROW)
  return (
    <div className={isNarrow ? 'page page-narrow' : 'page'}>
      <svg width="0" height="0" className="unseen" aria-hidden="true">
        <StageDefs />
      </svg>
      <Transport />
      <Notices />
      <ScriptProgress />
      <main className="page-main">{isNarrow ? <Tabs /> : <Wide />}</main>
      <LiveAccount />
      <Dialogs />
      <FileDrop />
      <Keys />
      <LinkedHover />
    </div>
  )
}
