import { lazy, Suspense, type ReactElement } from 'react'
import { Group, Panel as Pane, Separator } from 'react-resizable-panels'
import { useStore } from 'zustand'
import { twinStore } from '../model/twin_store.ts'
import { Inspector } from './inspector.tsx'
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

/** The right column of a wide page: the inspector, below how the two differ where two are compared. */
export function InspectorColumn(): ReactElement {
  const isCompared = useIsCompared()
  if (!isCompared) return <InspectorArea />
  return (
    <Group orientation="vertical" id="inspector-rows">
      <Pane id="comparison" defaultSize="62%" minSize="120px" collapsible>
        <ComparisonArea />
      </Pane>
      <Separator className="separator" aria-label="Height of the comparison" />
      <Pane id="inspector-lower" minSize="100px" collapsible>
        <InspectorArea />
      </Pane>
    </Group>
  )
}
