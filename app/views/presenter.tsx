import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock } from '../draw/format.ts'
import { speedText } from '../draw/speed_scale.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { StageArea } from './stage_area.tsx'
import './presenter.css'

/** For a projector: the stage, what time it is there, what is being done; keys and clicker do the rest. */
export function Presenter(): ReactElement {
  const time = useStore(machineStore, (state) => clock(state.time))
  const speed = useStore(machineStore, (state) => state.speed)
  const isPlaying = useStore(machineStore, (state) => state.isPlaying)
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const doing = useStore(machineStore, (state) => state.scene.command)
  return (
    <>
      <h1 className="unseen">Blockscope, presented</h1>
      <StageArea />
      <footer className="present-foot" aria-label="Presentation">
        <span className="mono">{time}</span>
        <span>{isPowerOn ? (isPlaying ? speedText(speed) : 'paused') : 'the power is off'}</span>
        <span className="mono present-doing">{doing}</span>
        <button type="button" className="present-end" onClick={() => pageStore.getState().present(false)}>
          End presentation (P)
        </button>
      </footer>
    </>
  )
}
