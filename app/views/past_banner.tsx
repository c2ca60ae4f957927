import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { count, percent, plural } from '../draw/format.ts'
import { timeStore } from '../model/time_store.ts'

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
  return (
    <p className="past-banner number">
      <strong>{isTravelling ? 'On the way' : 'In the past'}</strong>
      {isTravelling && progress < 1 ? `${where} · ${percent(progress)}` : `${where} · acting here makes a new branch`}
    </p>
  )
}
