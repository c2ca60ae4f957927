import type { ReactElement } from 'react'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { Icon } from './icon.tsx'

/** The arrow beside "Cut power": when, and what survives. */
export function CutMenu({ refusal }: { refusal: string | undefined }): ReactElement {
  return (
    <span className="menu-opener">
      <ActionButton
        className="button-danger"
        aria-label="When, and what survives"
        aria-haspopup="dialog"
        hint="When, and what of the disks’ caches survives"
        refusal={refusal}
        onClick={() => pageStore.getState().openDialog('cut')}
      >
        <Icon name="down" />
      </ActionButton>
    </span>
  )
}
