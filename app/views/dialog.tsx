import '../theme/late.css'
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { Icon } from './icon.tsx'

/** A dialog over the page; Escape, or a press beside it, closes it. */
export function Dialog({
  label,
  className = '',
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  const { closeDialog } = pageStore.getState()
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-label={label}
      onCancel={closeDialog}
      onClick={(event) => {
        if (event.target === dialog.current) closeDialog()
      }}
    >
      <div className="dialog-body">{children}</div>
    </dialog>
  )
}

/** Its heading, with the cross that closes it. */
export function DialogTitle({
  children,
  onClose = pageStore.getState().closeDialog,
}: {
  children: ReactNode
  onClose?: () => void
}): ReactElement {
  return (
    <header className="dialog-title">
      <h2>{children}</h2>
      <ActionButton className="button-icon button-quiet" aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </ActionButton>
    </header>
  )
}
