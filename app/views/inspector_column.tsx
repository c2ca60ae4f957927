import type { ReactElement } from 'react'
import { Group, Panel as Pane, Separator } from 'react-resizable-panels'
import { Inspector } from './inspector.tsx'
import { ComparisonArea, InspectorArea, useIsCompared } from './stage_area.tsx'

/** The right column of a wide page: the inspector, below how the two differ where two are compared. */
export function InspectorColumn(): ReactElement {
  const isCompared = useIsCompared()
  if (!isCompared) return <Inspector />
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
