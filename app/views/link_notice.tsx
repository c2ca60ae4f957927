import '../theme/late.css'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { count, percent } from '../draw/format.ts'
import { backToOwn, cancelOpening, leaveLink } from '../model/connection.ts'
import { linkStore } from '../model/link_store.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { timeStore } from '../model/time_store.ts'
import { ActionButton } from './action_button.tsx'

function Opening({ step, events }: { step: number; events: number }): ReactElement {
  const progress = useStore(timeStore, (state) => (state.isTravelling ? state.progress : 0))
  return (
    <div className="notice" role="status">
      <strong>A link is being opened.</strong>
      <span>
        Its recording runs again, {count(events)} events up to step {count(step)}.
      </span>
      <progress aria-label="Opening the link" value={progress} max={1} />
      <span className="number" aria-hidden="true">
        {percent(progress)}
      </span>
      <ActionButton className="button-small" hint="Stay where it has come to" onClick={cancelOpening}>
        Cancel
      </ActionButton>
    </div>
  )
}

/** What the page has to say of the link in its address. */
export function LinkNotice(): ReactElement | null {
  const link = useStore(linkStore, (state) => state.link)
  const isOwnWaiting = useStore(linkStore, (state) => state.isOwnWaiting)
  const hasMachine = useStore(machineStore, (state) => state.condition === 'running')
  const backHint = isOwnWaiting
    ? 'It waits in this tab, as you left it'
    : 'Opens the machine that this browser keeps, or a new one'
  switch (link.kind) {
    case 'none':
      return null
    case 'opening':
      return <Opening step={link.step} events={link.events} />
    case 'open':
      return (
        <div className="notice notice-calm" role="status">
          <strong>This is a link: a machine in memory; yours is untouched.</strong>
          {link.trouble !== '' && <span>{link.trouble}</span>}
          <ActionButton className="button-small" hint={backHint} onClick={() => void backToOwn()}>
            Back to my machine
          </ActionButton>
        </div>
      )
    case 'images':
      return (
        <div className="notice" role="status">
          <strong>A link asks for disk images.</strong>
          <ActionButton className="button-small" onClick={() => pageStore.getState().openDialog('images')}>
            Which ones
          </ActionButton>
          <ActionButton className="button-small" hint={backHint} onClick={() => void leaveLink()}>
            {hasMachine ? 'Stay here' : 'Open my machine'}
          </ActionButton>
        </div>
      )
    case 'refused':
      return (
        <div className="notice notice-danger" role="alert">
          <strong>The link cannot be opened.</strong>
          <span>{sentence(link.reason)}</span>
          <ActionButton className="button-small" onClick={() => void leaveLink()}>
            {hasMachine ? 'Stay here' : 'Open my machine'}
          </ActionButton>
        </div>
      )
  }
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`
}
