import { useEffect, useRef, type ReactElement } from 'react'
import type { ZoomCamera } from '../draw/zoom_camera.ts'
import { columnWidth, columnX, type ZoomLayout } from '../draw/zoom_layout.ts'
import { pause } from '../model/actions.ts'
import { useMachine } from '../model/machine_view.ts'
import { pageStore } from '../model/page_store.ts'
import type { ArrayScene } from '../model/scene.ts'

const COLOURED: Readonly<Record<string, string>> = { P: 'zoom-chunk-parity', Q: 'zoom-chunk-q' }

const WORDS = {
  active: '',
  rebuilding: 'rebuilding',
  spare: 'spare',
  faulty: 'faulty',
  missing: 'missing',
  journal: 'journal',
} as const

/** Narrower ones say no more than the name. */
const NARROW = 104

interface Props {
  readonly array: ArrayScene
  readonly layout: ZoomLayout
  readonly camera: ZoomCamera
  /** The chunks of the row in the middle, where it fills the map; else none. */
  readonly labels: readonly string[]
}

/** The members' names above their columns; they move with them, without being drawn anew. */
export function ZoomHeads({ array, layout, camera, labels }: Props): ReactElement {
  const home = useRef<HTMLDivElement>(null)
  const { side } = useMachine()
  useEffect(() => {
    const place = (): void => {
      const { view } = camera
      const width = columnWidth(layout, view.scale)
      const heads = home.current?.children ?? []
      for (let slot = 0; slot < heads.length; slot++) {
        const { style } = heads[slot] as HTMLElement
        const x = columnX(layout, view, slot)
        const left = Math.max(x, layout.mapLeft)
        const right = Math.min(x + width, layout.mapLeft + layout.mapWidth)
        style.display = right - left < 12 ? 'none' : ''
        style.left = `${left}px`
        style.width = `${Math.max(0, right - left)}px`
        heads[slot].toggleAttribute('data-narrow', right - left < NARROW * layout.magnify)
      }
    }
    place()
    return camera.onMoved(place)
  }, [camera, layout, array.members.length])
  return (
    <div className="zoom-heads" ref={home} style={{ height: layout.head }}>
      {array.members.map(({ slot, disk, state, cacheFill, cacheBytes }) => (
        <button
          key={slot}
          type="button"
          className="zoom-head"
          data-slot={slot}
          data-hover={`member ${array.name} ${slot}`}
          aria-label={`${disk} ${labels[slot] ?? WORDS[state]}, slot ${slot}, ${WORDS[state] || 'active'}`}
          onClick={() => {
            pause()
            pageStore.getState().selectOn(side, { kind: 'member', array: array.name, slot })
          }}
        >
          <span className="zoom-head-row">
            <span className={state === 'faulty' || state === 'missing' ? 'zoom-name danger' : 'zoom-name'}>{disk}</span>{' '}
            <span className={`zoom-chunk ${COLOURED[labels[slot] ?? ''] ?? ''}`}>{labels[slot] ?? WORDS[state]}</span>
          </span>
          <span className="zoom-gauge">
            <span style={{ transform: `scaleX(${cacheBytes > 0 ? Math.max(0.03, cacheFill) : 0})` }} />
          </span>
        </button>
      ))}
    </div>
  )
}
