import { useState, type ReactElement } from 'react'
import { Group, Panel as Pane, Separator } from 'react-resizable-panels'
import { firstSizes } from '../draw/first_sizes.ts'
import { InspectorColumn } from './inspector_column.tsx'
import { Console, Stack, Timeline } from './regions.ts'
import { StageArea } from './stage_area.tsx'

/** The regions beside each other; a person moves what is between them. */
export function Wide(): ReactElement {
  const [sizes] = useState(() => firstSizes(innerWidth, innerHeight))
  return (
    <Group orientation="horizontal" className="page-panels" id="page">
      <Pane id="main" minSize="50%">
        <Group orientation="vertical" id="main-rows">
          <Pane id="upper" minSize="160px">
            <Group orientation="horizontal" id="upper-columns">
              <Pane
                id="stack"
                defaultSize={sizes.stack}
                minSize="150px"
                maxSize="420px"
                collapsible
                groupResizeBehavior="preserve-pixel-size"
              >
                <Stack />
              </Pane>
              <Separator className="separator" aria-label="Width of the stack" />
              <Pane id="stage" minSize="260px">
                <StageArea />
              </Pane>
            </Group>
          </Pane>
          <Separator className="separator" aria-label="Height of the stage" />
          <Pane
            id="lower"
            defaultSize={sizes.lower}
            minSize="110px"
            collapsible
            groupResizeBehavior="preserve-pixel-size"
          >
            <Group orientation="horizontal" id="lower-columns">
              <Pane id="timeline" defaultSize={sizes.timeline} minSize="160px" collapsible>
                <Timeline />
              </Pane>
              <Separator className="separator" aria-label="Width of the timeline" />
              <Pane id="console" minSize="220px">
                <Console />
              </Pane>
            </Group>
          </Pane>
        </Group>
      </Pane>
      <Separator className="separator" aria-label="Width of the inspector" />
      <Pane
        id="inspector"
        defaultSize={sizes.inspector}
        minSize="200px"
        maxSize="600px"
        collapsible
        groupResizeBehavior="preserve-pixel-size"
      >
        <InspectorColumn />
      </Pane>
    </Group>
  )
}
