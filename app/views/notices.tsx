import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock, count } from '../draw/format.ts'
import { startAfresh } from '../model/actions.ts'
import { linkStore } from '../model/link_store.ts'
import { machineStore } from '../model/machine_store.ts'
import { ActionButton } from './action_button.tsx'

const AFRESH = 'Erases this machine and its disks, and makes the first one anew'

/** What a person has to know before anything else: where the bytes are, who has the machine, what went wrong. */
export function Notices(): ReactElement | null {
  const condition = useStore(machineStore, (state) => state.condition)
  const storage = useStore(machineStore, (state) => state.storage)
  const storageTrouble = useStore(machineStore, (state) => state.storageTrouble)
  const trouble = useStore(machineStore, (state) => state.trouble)
  const failure = useStore(machineStore, (state) => state.failure)
  const hasLink = useStore(linkStore, (state) => state.link.kind !== 'none')
  if (failure) {
    return (
      <div className="notice notice-danger" role="alert">
        <strong>
          {failure.kind === 'storage' ? 'The browser’s storage failed.' : 'The machine stopped: a mistake of ours.'}
        </strong>
        <span>{failure.message}</span>
        <span className="mono">
          seed {failure.seed} · {clock(failure.time)} · step {count(failure.steps)}
        </span>
        <ActionButton className="button-small" hint={AFRESH} onClick={startAfresh}>
          Start afresh
        </ActionButton>
      </div>
    )
  }
  if (condition === 'failed') {
    return (
      <div className="notice notice-danger" role="alert">
        <strong>The machine could not be started.</strong>
        <span>{trouble}</span>
        <ActionButton className="button-small" hint={AFRESH} onClick={startAfresh}>
          Start afresh
        </ActionButton>
      </div>
    )
  }
  if (condition === 'elsewhere') {
    return (
      <div className="notice" role="alert">
        <strong>Another tab of this browser has the machine.</strong>
        <span>Its disks can be in one hand only. Close the other tab, and reload this one.</span>
      </div>
    )
  }
  // Of a link's machine it is said elsewhere.
  if (storage === 'memory' && condition === 'running' && !hasLink) {
    return (
      <div className="notice" role="status">
        <strong>The disks are in memory.</strong>
        <span>{storageTrouble || 'They are gone when this tab is closed.'}</span>
      </div>
    )
  }
  return null
}
