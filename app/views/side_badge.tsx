import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { changeWords } from '../model/change_words.ts'
import type { MachineSide } from '../model/machine_view.ts'
import { twinStore } from '../model/twin_store.ts'

/** Which of two machines this is, and what it has that the other has not. */
export function SideBadge({ side }: { side: MachineSide }): ReactElement | null {
  const from = useStore(twinStore, (state) => state.from)
  const to = useStore(twinStore, (state) => state.to)
  if (side === 'only') return null
  const words = changeWords(from, to)
  return (
    <p className={`side-badge side-badge-${side}`} title={side === 'left' ? from : to}>
      <b>{side === 'left' ? 'Left' : 'Right'}</b> <span className="mono">{words[side]}</span>
    </p>
  )
}

/** The head of a stage without an array. */
export function SideHead({ side }: { side: MachineSide }): ReactElement {
  return (
    <header className="panel-head stage-head">
      <SideBadge side={side} />
    </header>
  )
}
