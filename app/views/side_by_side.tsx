import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { percent } from '../draw/format.ts'
import { LEFT_VIEW, MachineContext, RIGHT_VIEW } from '../model/machine_view.ts'
import { pageStore } from '../model/page_store.ts'
import { twinMachineStore, twinStore } from '../model/twin_store.ts'
import { Inspector } from './inspector.tsx'
import { Legend } from './legend.tsx'
import { PastBanner } from './past_banner.tsx'
import { Stage } from './stage.tsx'
import './compare.css'

/** What keeps the right stage from showing the instant that the left one shows. */
function Lag(): ReactElement | null {
  const progress = useStore(twinStore, (state) => state.progress)
  const failure = useStore(twinStore, (state) => state.failure)
  if (failure !== null) {
    return (
      <p className="side-lag" role="status">
        The right machine cannot be shown here: {failure}
      </p>
    )
  }
  if (progress >= 1) return null
  return (
    <p className="side-lag number" role="status">
      Both carry out the recording from its beginning: {percent(progress)}
    </p>
  )
}

/** Two machines at one instant, a stage each. */
export function SideBySide(): ReactElement {
  const isShown = useStore(twinMachineStore, (state) => state.condition !== 'starting')
  return (
    <div className="side-by-side">
      <PastBanner />
      <Lag />
      <div className="side-stages">
        <MachineContext.Provider value={LEFT_VIEW}>
          <Stage />
        </MachineContext.Provider>
        <MachineContext.Provider value={RIGHT_VIEW}>
          {isShown ? <Stage /> : <section className="panel" aria-label="Stage, right" />}
        </MachineContext.Provider>
      </div>
      <Legend />
    </div>
  )
}

/** The inspector of the machine on which something was picked. */
export function SideInspector(): ReactElement {
  const side = useStore(pageStore, (state) => state.side)
  return (
    <MachineContext.Provider value={side === 'right' ? RIGHT_VIEW : LEFT_VIEW}>
      <Inspector key={side} />
    </MachineContext.Provider>
  )
}
