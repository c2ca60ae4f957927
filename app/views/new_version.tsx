import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { versionStore } from '../model/offline.ts'
import { ActionButton } from './action_button.tsx'
import { Notice } from './trouble_notice.tsx'

/** Says that the next visit will be to a newer page. Nothing is reloaded under anybody's hands. */
export function NewVersion(): ReactElement | null {
  const isNewReady = useStore(versionStore, (state) => state.isNewReady)
  if (!isNewReady) return null
  return (
    <Notice
      isStatus
      title="A new version of this page is ready."
      ways={
        <>
          <ActionButton className="button-small" hint="For the machine, a power cut" onClick={() => location.reload()}>
            Reload
          </ActionButton>
          <ActionButton
            className="button-small"
            hint="The next visit begins with it"
            onClick={() => versionStore.setState({ isNewReady: false })}
          >
            Later
          </ActionButton>
        </>
      }
    >
      <span>The next visit begins with it. To reload now is a power cut for the machine.</span>
    </Notice>
  )
}
