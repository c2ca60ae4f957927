import { lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { pageStore } from '../model/page_store.ts'

const KeysDialog = lazy(async () => ({ default: (await import('./keys_dialog.tsx')).KeysDialog }))
const MdstatDialog = lazy(async () => ({ default: (await import('./mdstat_dialog.tsx')).MdstatDialog }))
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const CutDialog = lazy(async () => ({ default: (await import('./cut_dialog.tsx')).CutDialog }))
const WorkloadDialog = lazy(async () => ({ default: (await import('./workload_dialog.tsx')).WorkloadDialog }))
const CompareDialog = lazy(async () => ({ default: (await import('./compare_dialog.tsx')).CompareDialog }))
const ImagesDialog = lazy(async () => ({ default: (await import('./images_dialog.tsx')).ImagesDialog }))
const LinkDialog = lazy(async () => ({ default: (await import('./link_dialog.tsx')).LinkDialog }))
const ImportDialog = lazy(async () => ({ default: (await import('./import_dialog.tsx')).ImportDialog }))
const TableDialog = lazy(async () => ({ default: (await import('./table_dialog.tsx')).TableDialog }))
const TreeDialog = lazy(async () => ({ default: (await import('./tree_dialog.tsx')).TreeDialog }))

const DIALOGS = {
  palette: Palette,
  keys: KeysDialog,
  mdstat: MdstatDialog,
  cut: CutDialog,
  compare: CompareDialog,
  workloads: WorkloadDialog,
  import: ImportDialog,
  images: ImagesDialog,
  link: LinkDialog,
  table: TableDialog,
  tree: TreeDialog,
} as const

/** The dialog that is open, if one is. */
export function Dialogs(): ReactElement | null {
  const name = useStore(pageStore, (state) => state.dialog)
  if (name === undefined) return null
  const Dialog = DIALOGS[name]
  return (
    <Suspense>
      <Dialog />
    </Suspense>
  )
}
