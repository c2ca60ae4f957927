import { useEffect, useId, useMemo, useRef, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { percent } from '../draw/format.ts'
import { detailOf, scaleOfLevel, type ZoomLevel } from '../draw/zoom_detail.ts'
import { hitZoom, moveCursor, placeOfByte, unitOf, type ZoomPlace } from '../draw/zoom_hit.ts'
import {
  fitView,
  layOutZoom,
  PAGE_SECTORS,
  revealView,
  SECTOR_BYTES,
  viewAround,
  visibleSectors,
  visibleSlots,
  zoomAt,
} from '../draw/zoom_layout.ts'
import { pause } from '../model/actions.ts'
import { typeLine } from '../model/engine.ts'
import { hoverStore } from '../model/hover_store.ts'
import { useMachine } from '../model/machine_view.ts'
import { pagesBetween } from '../model/page_detail.ts'
import { pageStore } from '../model/page_store.ts'
import { placeLines, type ClosePlace } from '../model/place_lines.ts'
import type { ArrayScene } from '../model/scene.ts'
import { zoomStore } from '../model/zoom_store.ts'
import { placeWords, windowWords } from '../model/zoom_words.ts'
import { stageActions, type LineAction } from './inspector_actions.tsx'
import { MenuList } from './menu.tsx'
import { useContextPress } from './use_context_press.ts'
import { useExtent } from './use_extent.ts'
import { usePainter } from './use_painter.ts'
import { useSampled } from './use_sampled.ts'
import { useZoom } from './use_zoom.ts'
import { ZoomBar } from './zoom_bar.tsx'
import { ZoomGestures } from './zoom_gestures.ts'
import { ZoomHeads } from './zoom_heads.tsx'
import { ZoomPainter } from './zoom_painter.ts'
import './zoom.css'

interface PlaceMenu {
  readonly x: number
  readonly y: number
  readonly stripe: number
  readonly slot: number
  /** Near enough, a page or a byte is meant, not its chunk. */
  readonly near: ClosePlace | undefined
}

interface Props {
  readonly array: ArrayScene
  readonly magnify: number
}

/** An array as a map that zooms, from all of it down to its bytes. */
export function ZoomMap({ array, magnify }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null)
  const machine = useMachine()
  const { picture, side } = machine
  const { name, rowCount: rows, chunkSectors, hasBitmap } = array
  const slots = array.members.length
  const [field, { width, height }] = useExtent()
  const layout = useMemo(
    () => layOutZoom(width, height, { rows, slots, chunkSectors, hasBitmap }, magnify),
    [width, height, rows, slots, chunkSectors, hasBitmap, magnify],
  )
  const { camera, view } = useZoom(layout)
  const painter = useMemo(() => new ZoomPainter(machine, name, camera), [machine, name, camera])
  usePainter(canvas, width, height, painter)
  const [under, setUnder] = useState('')
  const [menu, setMenu] = useState<PlaceMenu>()
  const [said, setSaid] = useState('')
  const ids = useId()
  const selection = useStore(pageStore, (state) => state.selection)
  const isOurs = useStore(pageStore, (state) => side === 'only' || state.side === side)
  const chosen = isOurs && selection?.kind === 'chunk' && selection.array === name ? selection : undefined
  const chunkBytes = chunkSectors * SECTOR_BYTES

  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const isMap = (x: number, y: number): boolean => x < camera.layout.strip.x - 6 && y >= camera.layout.head - 8
    const gestures = new ZoomGestures(element, camera, isMap)
    const end = camera.onMoved(() => gestures.follow())
    return () => {
      end()
      gestures.end()
    }
  }, [camera])

  const detail = detailOf(layout, view)
  const { level } = detail
  useEffect(() => {
    zoomStore.setState({ level })
    return () => zoomStore.setState({ level: undefined })
  }, [level])
  const seen = visibleSectors(layout, view)
  const rowOf = (sector: number): number => Math.floor(sector / chunkSectors)
  const window_ = {
    level,
    fromRow: rowOf(seen.from),
    toRow: Math.min(rows, Math.ceil(seen.to / chunkSectors)),
    slots: visibleSlots(layout, view),
    perCell: Math.max(1, unitOf(layout, detail).bytes / chunkBytes),
    fromByte: Math.floor(seen.from * SECTOR_BYTES),
    toByte: Math.ceil(seen.to * SECTOR_BYTES),
  }
  const summary = useSampled(() => {
    const now = machine.picture().arrays.get(name)
    return now && now.field.rows === rows ? windowWords(now, window_) : ''
  }, [machine, name, window_])
  const middle = rowOf((seen.from + seen.to) / 2)
  const isTall = detail.rowHeight > layout.mapHeight * 0.7
  const labels = useMemo(() => {
    const map = picture().arrays.get(name)?.field.map
    if (!isTall || !map) return []
    return Array.from({ length: slots }, (_, slot) => map.nameAt(middle, slot))
  }, [picture, name, isTall, middle, slots])

  /** Bytes of the data at the middle of what is looked at: of what was picked, where that is seen. */
  const focusPlace = (): { slot: number; sector: number } => {
    const goal = camera.goal
    const shown = visibleSectors(layout, goal)
    const columns = visibleSlots(layout, goal)
    if (chosen) {
      const own = painter.member(chosen.slot)
      const first = chosen.stripe * chunkSectors
      const sector = chosen.sector !== undefined && own ? chosen.sector - own.dataOffset : first
      if (first + chunkSectors > shown.from && first < shown.to) return { slot: chosen.slot, sector: sector + 4 }
    }
    return { slot: Math.floor((columns.from + columns.to) / 2), sector: (shown.from + shown.to) / 2 }
  }
  const goTo = (level: ZoomLevel): void => {
    if (level === 'array') {
      camera.glide(fitView(layout))
      return
    }
    const { slot, sector } = focusPlace()
    const scale = scaleOfLevel(layout, level)
    const around = viewAround(layout, scale, slot, sector)
    // Pages and bytes are read from the top, from where something begins.
    const unit = level === 'pages' ? chunkSectors : level === 'bytes' ? PAGE_SECTORS : 0
    camera.glide(unit === 0 ? around : { ...around, top: Math.floor(sector / unit) * unit - 2 / scale })
  }
  const zoomBy = (factor: number): void => {
    const { mapLeft, mapWidth, head, mapHeight } = layout
    const place = chosen ? focusPlace() : undefined
    if (place) {
      const { scale } = zoomAt(layout, camera.goal, factor, 0, 0)
      camera.glide(viewAround(layout, scale, place.slot, place.sector))
    } else camera.glide(zoomAt(layout, camera.goal, factor, mapLeft + mapWidth / 2, head + mapHeight / 2))
  }

  const pointOf = (event: { clientX: number; clientY: number }): [number, number] => {
    const box = canvas.current!.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  const hit = (x: number, y: number): ZoomPlace | undefined => hitZoom(layout, camera.view, x, y)
  /** The row that gives a place its colour, and the sector of its disk. */
  const meaning = (place: ZoomPlace): { stripe: number; sector: number | undefined } => {
    const now = detailOf(layout, camera.view)
    const stripe = Math.floor(place.from / chunkBytes)
    const field = machine.picture().arrays.get(name)?.field
    if (place.length > chunkBytes && field) {
      const level = Math.round(Math.log2(unitOf(layout, now).bytes / chunkBytes))
      return { stripe: field.ranks.whereAt(level, place.slot, stripe >> level), sector: undefined }
    }
    if (now.level === 'array' || now.level === 'stripes') return { stripe, sector: undefined }
    const offset = painter.member(place.slot)?.dataOffset
    return { stripe, sector: offset === undefined ? undefined : offset + Math.floor(place.from / SECTOR_BYTES) }
  }
  const words = (place: ZoomPlace): string => {
    const { frame, arrays } = machine.picture()
    const now = arrays.get(name)
    const own = frame?.arrays.find((one) => one.name === name)
    if (!now || !frame || !own) return ''
    const member = painter.member(place.slot)
    const sector = Math.floor(place.from / SECTOR_BYTES)
    const { level: near } = detailOf(layout, camera.view)
    const pages = near === 'pages' ? pagesBetween(frame, own, slots, sector, sector + 1) : []
    return placeWords(place, {
      array: now,
      now: frame.time,
      level: near,
      dataOffset: member?.dataOffset ?? 0,
      page: pages[place.slot]?.get(Math.floor(sector / 8)),
      bytes: member && painter.bytes.of(member.disk),
    })
  }
  const lookAt = (source: 'pointer' | 'focus', place: ZoomPlace | undefined): void => {
    const { hover } = hoverStore.getState()
    if (!place) {
      hover(source, undefined)
      return
    }
    const { stripe, sector } = meaning(place)
    const disk = painter.member(place.slot)?.disk
    const isClose = sector !== undefined && disk !== undefined
    hover(source, isClose ? { kind: 'sector', disk, sector } : { kind: 'chunk', array: name, stripe, slot: place.slot })
  }
  const inspect = (place: ZoomPlace): void => {
    // What a person wants to look at stands still for it.
    pause()
    const { stripe, sector } = meaning(place)
    pageStore.getState().selectOn(side, {
      kind: 'chunk',
      array: name,
      stripe,
      slot: place.slot,
      ...(sector === undefined ? {} : { sector }),
    })
  }
  const putCursor = (place: ZoomPlace): void => {
    painter.setCursor(place)
    lookAt('focus', place)
    setSaid(words(place))
  }
  /** Where the keyboard is, as what is told apart now. */
  const cursor = (): ZoomPlace => {
    const { slot, sector } = focusPlace()
    const from = painter.cursor ?? { slot, from: sector * SECTOR_BYTES, length: 0 }
    return placeOfByte(layout, camera.view, from.slot, from.from)
  }
  const openMenu = (place: ZoomPlace | undefined, x: number, y: number): void => {
    if (!place) return
    const { level: now } = detailOf(layout, camera.view)
    const isNear = now === 'pages' || now === 'bytes'
    const near = isNear ? { slot: place.slot, from: place.from, isByte: now === 'bytes' } : undefined
    setMenu({ x, y, stripe: meaning(place).stripe, slot: place.slot, near })
  }
  const linesAt = ({ stripe, slot, near }: PlaceMenu): readonly LineAction[] => {
    const { scene } = machine.store.getState()
    return near ? placeLines(picture(), scene, name, near) : stageActions(picture(), scene, name, stripe, slot)
  }
  useContextPress(canvas, (_, clientX, clientY) => {
    const [x, y] = pointOf({ clientX, clientY })
    const place = hit(x, y)
    openMenu(place ?? (painter.cursor && cursor()), clientX, clientY)
  })

  const onKeyDown = (event: React.KeyboardEvent<HTMLCanvasElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key]
    const here = cursor()
    if (arrow) {
      const lines = event.shiftKey ? 16 : 1
      const to = painter.cursor ? moveCursor(layout, camera.view, here, arrow[0], arrow[1] * lines) : here
      camera.glide(
        revealView(layout, camera.goal, to.slot, to.from / SECTOR_BYTES, Math.max(8, to.length / SECTOR_BYTES)),
      )
      putCursor(to)
    } else if (event.key === 'Enter') {
      inspect(here)
      putCursor(here)
    } else if (event.key === '+' || event.key === '=' || event.key === '-') {
      const factor = event.key === '-' ? 1 / 4 : 4
      const { scale } = zoomAt(layout, camera.goal, factor, 0, 0)
      const isAll = scale <= layout.scaleMin * 1.0001
      camera.glide(isAll ? fitView(layout) : viewAround(layout, scale, here.slot, here.from / SECTOR_BYTES))
      if (!painter.cursor) painter.setCursor(here)
    } else if (event.key === '0' || event.key === 'Escape') {
      if (event.key === 'Escape' && camera.goal.scale <= layout.scaleMin * 1.0001) return
      camera.glide(fitView(layout))
    } else if (event.key === 'Home' || event.key === 'End') {
      const to = placeOfByte(layout, camera.view, here.slot, event.key === 'Home' ? 0 : Infinity)
      camera.glide(revealView(layout, camera.goal, to.slot, to.from / SECTOR_BYTES, 8))
      putCursor(to)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  const goOnStrip = (event: React.PointerEvent<HTMLCanvasElement>): boolean => {
    const [x, y] = pointOf(event)
    if (x < layout.strip.x - 6 || y < layout.head) return false
    const sector = ((y - layout.head) / layout.mapHeight) * layout.sectors
    camera.set({ ...camera.view, top: sector - layout.mapHeight / 2 / camera.view.scale })
    return true
  }
  const sync =
    array.sync && `${array.sync.action} at stripe ${Math.floor(array.sync.row)} (${percent(array.sync.done)})`

  return (
    <div className="heat">
      <div className="zoom-field" ref={field}>
        <canvas
          ref={canvas}
          style={{ width, height }}
          role="application"
          aria-roledescription="map that zooms"
          tabIndex={0}
          aria-label={`Map of ${name}`}
          aria-describedby={`${ids}-window ${ids}-keys`}
          onKeyDown={onKeyDown}
          onClick={(event) => {
            const place = hit(...pointOf(event))
            if (!place) return
            painter.setCursor(place)
            inspect(place)
          }}
          onDoubleClick={(event) => {
            const [x, y] = pointOf(event)
            const factor = event.shiftKey ? 1 / 8 : 8
            if (hit(x, y)) camera.glide(zoomAt(layout, camera.goal, factor, x, y))
          }}
          onPointerDown={(event) => {
            if (goOnStrip(event)) event.currentTarget.setPointerCapture(event.pointerId)
          }}
          onPointerMove={(event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId) && event.buttons > 0) {
              if (goOnStrip(event)) return
            }
            if (event.pointerType === 'touch') return
            const place = hit(...pointOf(event))
            lookAt('pointer', place)
            setUnder(place ? words(place) : '')
          }}
          onPointerLeave={() => {
            lookAt('pointer', undefined)
            setUnder('')
          }}
          onBlur={() => lookAt('focus', undefined)}
        />
        <ZoomHeads array={array} layout={layout} camera={camera} labels={labels} />
      </div>
      <p className="unseen" id={`${ids}-window`}>
        {summary}
      </p>
      <p className="unseen" id={`${ids}-keys`}>
        Arrow keys move from place to place, Enter inspects, plus and minus zoom, 0 shows all.
      </p>
      <p className="unseen" role="status">
        {said}
      </p>
      <ZoomBar
        words={[under || summary, under === '' && sync].filter(Boolean).join(' · ')}
        level={level}
        isFit={view.scale <= layout.scaleMin * 1.0001}
        isClosest={view.scale >= layout.scaleMax * 0.9999}
        stripe={chosen?.stripe ?? middle}
        rows={rows}
        onLevel={goTo}
        onZoom={zoomBy}
        onFit={() => camera.glide(fitView(layout))}
        onStripe={(stripe) => {
          const slot = chosen?.slot ?? 0
          pageStore.getState().selectOn(side, { kind: 'chunk', array: name, stripe, slot })
          camera.glide(viewAround(layout, camera.goal.scale, slot, (stripe + 0.5) * chunkSectors))
        }}
      />
      {menu && (
        <MenuList
          key={`${menu.stripe} ${menu.slot} ${menu.near?.from}`}
          id={`${ids}-menu`}
          label="What can be done here"
          entries={linesAt(menu).map((action) => ({ ...action, onSelect: () => void typeLine(action.line) }))}
          anchor={() => ({ top: menu.y, bottom: menu.y, right: menu.x, from: menu.x + 4 })}
          close={(isByKey) => {
            if (isByKey) canvas.current?.focus()
            setMenu(undefined)
          }}
        />
      )}
    </div>
  )
}
