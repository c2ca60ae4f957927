import { lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { twinStore } from '../model/twin_store.ts'
import { Inspector } from './late.tsx'
import { Stage } from './stage.tsx'

const SideBySide = lazy(async () => ({ default: (await import('./side_by_side.tsx')).SideBySide }))
const Comparison = lazy(async () => ({ default: (await import('./comparison.tsx')).Comparison }))
const SideInspector = lazy(async () => ({ default: (await import('./side_by_side.tsx')).SideInspector }))

export function useIsCompared(): boolean {
  return useStore(twinStore, (state) => state.isThere)
}

/** One stage, or two where two machines are compared. */
export function StageArea(): ReactElement {
  const isCompared = useIsCompared()
  return isCompared ? (
    <Suspense fallback={<Stage />}>
      <SideBySide />
    </Suspense>
  ) : (
    <Stage />
  )
}

/** The inspector, of whichever machine something was picked on. */
export function InspectorArea(): ReactElement {
  const isCompared = useIsCompared()
  return isCompared ? (
    <Suspense fallback={<Inspector />}>
      <SideInspector />
    </Suspense>
  ) : (
    <Inspector />
  )
}

/** How the two differ. */
export function ComparisonArea(): ReactElement {
  return (
    <Suspense>
      <Comparison />
    </Suspense>
  )
}
