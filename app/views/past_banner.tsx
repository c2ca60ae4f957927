import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { count, percent, plural } from '../draw/format.ts'
import { cancelJourney } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { ActionButton } from './action_button.tsx'

/** Says that what is shown is not the newest moment, and what acting there does. */
export function PastBanner(): ReactElement | null {
  const isLive = useStore(timeStore, (state) => state.isLive)
  const isTravelling = useStore(timeStore, (state) => state.isTravelling)
  const progress = useStore(timeStore, (state) => state.progress)
  const step = useStore(timeStore, (state) => state.target ?? state.step)
  const newest = useStore(timeStore, (state) => state.newestStep)
  const later = useStore(timeStore, (state) => state.newestLines - state.lines)
  if (isLive && !isTravelling) return null
  const lines = later > 0 && !isTravelling ? `, before ${plural(later, 'later line')}` : ''
  const where = `step ${count(step)} of ${count(newest)}${lines}`
  if (isTravelling) {
    return (
      <p className="past-banner number">
        <strong>On the way</strong>
        {`${where} · ${percent(progress)}`}
        <progress value={progress} aria-label="Of the way" />
        <ActionButton className="button-small" hint="Stay where it has come to (Esc)" onClick={cancelJourney}>
          Stop here
        </ActionButton>
      </p>
    )
  }
  return (
    <p className="past-banner number">
      <strong>In the past</strong>
      {`${where} · acting here makes a new branch, looking does not`}
    </p>
  )
}
