import { useMemo, useRef, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock } from '../draw/format.ts'
import { TimelineZoom } from '../draw/timeline_zoom.ts'
import { picture } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import { ActionButton } from './action_button.tsx'
import { Panel } from './panel.tsx'
import { TimelinePainter } from './timeline_painter.ts'
import { useExtent } from './use_extent.ts'
import { usePainter } from './use_painter.ts'

/** The newest events as text, for those who do not see the marks. */
function Account(): ReactElement {
  const steps = useStore(machineStore, (state) => Math.floor(state.steps / 1000))
  const events = picture().timeline.events
  const newest = useMemo(() => (steps >= 0 ? events.slice(-20) : []), [events, steps])
  return (
    <ol className="unseen" aria-label="Events, oldest first">
      {newest.map(({ key, time, text }) => (
        <li key={key}>
          {clock(time)}: {text}
        </li>
      ))}
    </ol>
  )
}

/** What happened when: a track for each array and disk, and the events. */
export function Timeline(): ReactElement {
  const names = useStore(machineStore, ({ scene }) => {
    // An array that is gone with the power keeps its track: what it did is still to be seen.
    const disks = scene.disks.map(({ name }) => name)
    const arrays = new Set([...scene.arrays.map(({ name }) => name), ...picture().timeline.names()])
    return [...[...arrays].filter((name) => !disks.includes(name)), ...disks].join(' ')
  })
  const [box, extent] = useExtent()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [zoom] = useState(() => new TimelineZoom())
  const painter = useMemo(
    () => new TimelinePainter(names === '' ? [] : names.split(' '), extent, zoom),
    [names, extent, zoom],
  )
  usePainter(canvas, extent.width, extent.height, painter)
  return (
    <Panel
      title="Timeline"
      className="timeline"
      extra={
        <div className="panel-extra timeline-zoom">
          <ul className="timeline-legend">
            <li className="mark-write">write</li>
            <li className="mark-parity">parity</li>
            <li className="mark-read">read</li>
            <li className="mark-meta">metadata</li>
            <li className="mark-flush">flush</li>
          </ul>
          <ActionButton
            className="button-icon button-small button-quiet"
            aria-label="Shorter stretch"
            onClick={() => zoom.change(1 / 2)}
          >
            +
          </ActionButton>
          <ActionButton
            className="button-icon button-small button-quiet"
            aria-label="Longer stretch"
            onClick={() => zoom.change(2)}
          >
            −
          </ActionButton>
        </div>
      }
    >
      <div className="panel-body timeline-body" ref={box}>
        <canvas ref={canvas} style={{ width: extent.width, height: extent.height }} aria-hidden="true" />
        <Account />
      </div>
    </Panel>
  )
}
