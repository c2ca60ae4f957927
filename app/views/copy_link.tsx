import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { addressStore } from '../model/address_store.ts'
import { copyStore } from '../model/copy_store.ts'
import { machineStore } from '../model/machine_store.ts'
import { ActionButton } from './action_button.tsx'
import { Icon } from './icon.tsx'

/** Nothing of it is loaded before somebody wants a link. */
export function copyLink(): void {
  void import('../model/copy_link.ts').then((links) => links.copyLink())
}

/** Why there is no link to what is shown, or undefined where there is one. */
export function useLinkRefusal(): string | undefined {
  const trouble = useStore(addressStore, (state) => state.trouble)
  const hasMachine = useStore(machineStore, (state) => state.condition === 'running')
  if (!hasMachine) return 'There is no machine on this page.'
  return trouble === '' ? undefined : `There is no link to this moment: ${trouble}.`
}

/** Copies a link, and says below itself what it did. */
export function CopyLink(): ReactElement {
  const refusal = useLinkRefusal()
  const words = useStore(copyStore, (state) => state.words)
  const isTrouble = useStore(copyStore, (state) => state.isTrouble)
  return (
    <div className="copy-link">
      <ActionButton
        className="button-icon"
        aria-label="Copy link"
        hint="Copy a link to this very moment, for anybody"
        refusal={refusal}
        onClick={copyLink}
      >
        <Icon name="link" size={16} />
      </ActionButton>
      <p className="copy-said" role="status" data-on={words !== '' || undefined} data-trouble={isTrouble || undefined}>
        {words}
      </p>
    </div>
  )
}
