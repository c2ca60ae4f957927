import { useEffect, useRef, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { copyStore } from '../model/copy_store.ts'
import { Dialog, DialogTitle } from './dialog.tsx'

/** The link itself, where the browser does not let the page copy it. */
export function LinkDialog(): ReactElement {
  const link = useStore(copyStore, (state) => state.link)
  const text = useRef<HTMLTextAreaElement>(null)
  // The dialog is open by now.
  useEffect(() => text.current?.focus(), [])
  return (
    <Dialog label="Link">
      <DialogTitle>A link to this moment</DialogTitle>
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
