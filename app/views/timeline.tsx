import { useMemo, useRef, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { customProperties } from '../draw/colours.ts'
import { clock } from '../draw/format.ts'
import { paintTimeline, type TimelineColours } from '../draw/timeline_paint.ts'
import { TimelineZoom } from '../draw/timeline_zoom.ts'
import { picture } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import { ActionButton } from './action_button.tsx'
import { Panel } from './panel.tsx'
import { useCanvas } from './use_canvas.ts'
import { useExtent } from './use_extent.ts'

const COLOURS = {
  ink: '--ink',
  ink2: '--ink-2',
  line: '--line-2',
  data: '--data',
  parity: '--parity',
  amber: '--amber',
  amberInk: '--amber-ink',
  amberFill: '--amber-fill',
  danger: '--danger-ink',
  grey: '--line-strong',
  panel: '--panel',
  font: '--font',
} as const

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
  const names = useStore(machineStore, ({ scene }) =>
    [...scene.arrays.map(({ name }) => name), ...scene.disks.map(({ name }) => name)].join(' '),
  )
  const [box, extent] = useExtent()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [zoom] = useState(() => new TimelineZoom())
  const paint = useMemo(() => {
    const tracks = names === '' ? [] : names.split(' ')
    let colours: TimelineColours | undefined
    return (context: CanvasRenderingContext2D, real: number, isAnew: boolean): void => {
      if (isAnew || !colours) colours = customProperties(context.canvas, COLOURS)
      const book = picture().timeline
      const window = zoom.window(book.now, real)
      paintTimeline(context, book, { ...extent, tracks, window }, colours)
    }
  }, [names, extent, zoom])
  useCanvas(canvas, extent, paint)
  return (
    <Panel
      title="Timeline"
      className="timeline"
      extra={
        <div className="panel-extra timeline-zoom">
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
