/** What stands in the place of a part of the page whose code is not there yet. */
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { useMachine } from '../model/machine_view.ts'
import { Icon } from './icon.tsx'
import { Panel } from './panel.tsx'
import { stageTitle } from './stage_title.ts'

/** The frame of a region whose contents are not there yet. */
export function Frame({ title }: { title: string }): ReactElement {
  return (
    <Panel title={title}>
      <div className="panel-body" />
    </Panel>
  )
}

/** As wide as the buttons that will stand there. */
export function ShareFrame(): ReactElement {
  return (
    <>
      <span className="button button-icon" aria-hidden="true">
        <Icon name="link" size={16} />
      </span>
      <span className="button" aria-hidden="true">
        Share
      </span>
    </>
  )
}

/** The stage without an array. */
export function StageFrame(): ReactElement {
  const { store, side } = useMachine()
  const isStarting = useStore(store, (state) => state.condition === 'starting')
  return (
    <Panel title={stageTitle(side)}>
      <div className="stage-empty">{isStarting && <p>Starting the machine …</p>}</div>
    </Panel>
  )
}
