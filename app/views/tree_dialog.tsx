import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { pageStore } from '../model/page_store.ts'
import { Dialog, DialogTitle } from './dialog.tsx'
import { HashTree } from './hash_tree.tsx'

/** The hash tree of the mapped device that is picked, with room for it. */
export function TreeDialog(): ReactElement {
  const selection = useStore(pageStore, (state) => state.selection)
  const mapped = selection?.kind === 'mapped' ? selection.mapped : undefined
  return (
    <Dialog label="Hash tree" className="tree-dialog">
      <DialogTitle>{mapped === undefined ? 'Hash tree' : `/dev/mapper/${mapped}`}</DialogTitle>
      <div className="tree-dialog-body scroll">{mapped !== undefined && <HashTree mapped={mapped} />}</div>
    </Dialog>
  )
}
