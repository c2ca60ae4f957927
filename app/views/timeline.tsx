import { useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock } from '../draw/format.ts'
import { TimelineZoom } from '../draw/timeline_zoom.ts'
import { pause } from '../model/actions.ts'
import { picture } from '../model/engine.ts'
import type { HoverId } from '../model/hover_id.ts'
import { hoverStore } from '../model/hover_store.ts'
import { chunkOfBio } from '../model/inspect_origin.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { Panel } from './panel.tsx'
import { closer, farther, Recording } from './recording.tsx'
import { Scrubber } from './scrubber.tsx'
import { Segments } from './segments.tsx'
import { TimelinePainter } from './timeline_painter.ts'
import { useExtent } from './use_extent.ts'
import { usePainter } from './use_painter.ts'

/** Puts what was found on the inspector, and stands still for it. */
function pick(id: HoverId | undefined): void {
  const { select } = pageStore.getState()
  if (id?.kind === 'event' || id?.kind === 'disk' || id?.kind === 'array') {
    pause()
    select(id)
  } else if (id?.kind === 'bio') {
    const found = chunkOfBio(picture(), id.bio)
    if (!found) return
    pause()
    select(found)
  }
}

/** The newest events as text, to be gone through with the arrow keys; the canvas marks the one that is looked at. */
function Account(): ReactElement {
  const events = useStore(machineStore, () => picture().timeline.events)
  const newest = useMemo(() => events.slice(-20), [events])
  const id = useId()
  const [active, setActive] = useState(-1)
  const look = (key: number): void => {
    setActive(key)
    hoverStore.getState().hover('focus', { kind: 'event', event: key })
  }
  const at = newest.findIndex(({ key }) => key === active)
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (by === undefined && event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
    if (by === undefined) pick(at < 0 ? undefined : { kind: 'event', event: active })
    else if (newest.length > 0)
      look(newest[at < 0 ? newest.length - 1 : Math.max(0, Math.min(newest.length - 1, at + by))].key)
  }
  return (
    <ol
      className="unseen"
      role="listbox"
      tabIndex={0}
      aria-label="Events, oldest first"
      aria-activedescendant={at < 0 ? undefined : `${id}-${active}`}
      onKeyDown={onKeyDown}
      onFocus={() => {
        const last = newest.at(-1)
        if (last) look(at < 0 ? last.key : active)
      }}
    >
      {newest.length === 0 && (
        <li role="option" aria-selected={false}>
          nothing notable yet
        </li>
      )}
      {newest.map(({ key, time, text }) => (
        <li key={key} id={`${id}-${key}`} role="option" aria-selected={key === active}>
          {clock(time)}: {text}
        </li>
      ))}
    </ol>
  )
}

const VIEWS = [
  ['recent', 'Recent'],
  ['recording', 'Recording'],
] as const

/** How far it is zoomed, also when it comes back: on a phone it is one of the tabs. */
const zoom = new TimelineZoom()

/** What happened when: lately, as it goes on, or over the whole recording; and the scrubber above it. */
export function Timeline(): ReactElement {
  const [view, setView] = useState<'recent' | 'recording'>('recent')
  const isRecent = view === 'recent'
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
          <Segments legend="Timeline of" options={VIEWS} value={view} onChange={setView} />
          <ActionButton
            className="button-icon button-small button-quiet"
            aria-label="Shorter stretch"
            onClick={isRecent ? () => zoom.change(1 / 2) : closer}
          >
            +
          </ActionButton>
          <ActionButton
            className="button-icon button-small button-quiet"
            aria-label="Longer stretch"
            onClick={isRecent ? () => zoom.change(2) : farther}
          >
            −
          </ActionButton>
        </div>
      }
    >
      <Scrubber />
      {isRecent ? <Recent zoom={zoom} /> : <Recording />}
    </Panel>
  )
}

/** The newest stretch: a track for each array and disk, and the events. */
function Recent({ zoom }: { zoom: TimelineZoom }): ReactElement {
  const names = useStore(machineStore, ({ scene }) => {
    // An array that is gone with the power keeps its track: what it did is still to be seen.
    const disks = scene.disks.map(({ name }) => name)
    const arrays = new Set([...scene.arrays.map(({ name }) => name), ...picture().timeline.names()])
    return [...[...arrays].filter((name) => !disks.includes(name)), ...disks].join(' ')
  })
  const [box, extent] = useExtent()
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useMemo(
    () => new TimelinePainter(names === '' ? [] : names.split(' '), extent, zoom),
    [names, extent, zoom],
  )
  usePainter(canvas, extent.width, extent.height, painter)
  const found = ({ currentTarget, clientX, clientY }: MouseEvent<HTMLCanvasElement>): HoverId | undefined => {
    const { left, top } = currentTarget.getBoundingClientRect()
    return painter.find(clientX - left, clientY - top)
  }
  return (
    <div className="panel-body timeline-body" ref={box}>
      <canvas
        ref={canvas}
        style={{ width: extent.width, height: extent.height }}
        aria-hidden="true"
        onMouseMove={(event) => hoverStore.getState().hover('pointer', found(event))}
        onMouseLeave={() => hoverStore.getState().hover('pointer', undefined)}
        onClick={(event) => pick(found(event))}
      />
      <Account />
    </div>
  )
}
