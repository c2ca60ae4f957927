import { useEffect, useRef, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { copyStore } from '../model/copy_store.ts'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'

/** The link itself, where the browser does not let the page copy it. */
export function LinkDialog(): ReactElement {
  const link = useStore(copyStore, (state) => state.link)
  const text = useRef<HTMLTextAreaElement>(null)
  // The dialog is open by now.
  useEffect(() => text.current?.focus(), [])
  const close = pageStore.getState().closeDialog
  return (
    <Dialog label="Link">
      <header className="dialog-title">
        <h2>A link to this moment</h2>
        <ActionButton className="button-icon button-quiet" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </ActionButton>
      </header>
      <div className="dialog-part import-part">
        <p>The browser does not let the page copy it. Copy it from here:</p>
        <textarea
          ref={text}
          className="text-field mono link-text"
          aria-label="Link to this moment"
          readOnly
          rows={5}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
    </Dialog>
  )
}
