import '../theme/late.css'
import { useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { percent } from '../draw/format.ts'
import { cancelOpening, leaveLink } from '../model/connection.ts'
import { linkTo } from '../model/copy_link.ts'
import { readFragment } from '../model/fragment.ts'
import { linkStore } from '../model/link_store.ts'
import { machineStore } from '../model/machine_store.ts'
import { timeStore } from '../model/time_store.ts'
import { ActionButton } from './action_button.tsx'
import { LiveAccount } from './live_account.tsx'
import { Dialogs } from './dialogs.tsx'
import { Scrubber } from './scrubber.tsx'
import { StageArea } from './stage_area.tsx'
import { StageDefs } from './stage_defs.tsx'
import { Clock, PlayButtons, Power } from './transport.tsx'
import { useKeys } from './use_keys.ts'
import { useLinkedHover } from './use_linked_hover.ts'

/** To the whole page, at the moment that is shown when it is pressed. */
function WholePage(): ReactElement {
  const [target, setTarget] = useState(linkTo(''))
  const renew = (): void => setTarget(linkTo(readFragment(location.hash)?.moment ?? ''))
  return (
    <a className="embed-whole" href={target} target="_blank" rel="noopener" onPointerEnter={renew} onFocus={renew}>
      Open in Blockscope
    </a>
  )
}

function Trouble(): ReactElement | null {
  const link = useStore(linkStore, (state) => state.link)
  const trouble = useStore(machineStore, (state) => (state.condition === 'failed' ? state.trouble : ''))
  const progress = useStore(timeStore, (state) => (state.isTravelling ? state.progress : 0))
  if (trouble !== '') {
    return (
      <div className="notice notice-danger" role="alert">
        <strong>The machine stopped.</strong>
        <span>{trouble}</span>
      </div>
    )
  }
  switch (link.kind) {
    case 'opening':
      return (
        <div className="notice" role="status">
          <strong>A moment is being opened.</strong>
          <span className="number">{percent(progress)}</span>
          <ActionButton className="button-small" hint="Stay where it has come to" onClick={cancelOpening}>
            Cancel
          </ActionButton>
        </div>
      )
    case 'refused':
    case 'images':
      return (
        <div className="notice notice-danger" role="alert">
          <strong>The link cannot be opened{link.kind === 'images' ? ' here: it needs disk images' : ''}.</strong>
          {link.kind === 'refused' && <span>{link.reason}</span>}
          <ActionButton className="button-small" onClick={() => void leaveLink()}>
            Go on without it
          </ActionButton>
        </div>
      )
    case 'open':
      return link.trouble === '' ? null : (
        <div className="notice" role="status">
          {link.trouble}
        </div>
      )
    case 'none':
      return null
  }
}

/** The stage and what moves time: a part of somebody else's page. */
export function EmbedPage(): ReactElement {
  useKeys()
  useLinkedHover()
  return (
    <div className="page embed">
      <svg width="0" height="0" className="unseen" aria-hidden="true">
        <StageDefs />
      </svg>
      <header className="transport embed-transport">
        <h1 className="unseen">Blockscope</h1>
        <PlayButtons />
        <Clock />
        <Power />
        <WholePage />
      </header>
      <Trouble />
      <main className="page-main">
        <div className="embed-stage">
          <StageArea />
        </div>
        <Scrubber />
      </main>
      <LiveAccount />
      <Dialogs />
    </div>
  )
}
