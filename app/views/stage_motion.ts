import { useEffect, type RefObject } from 'react'
import { dotLane, rowTop, type StageLayout } from '../draw/stage_layout.ts'
import { eachFrame } from '../draw/animation.ts'
import { FlightDots, type Dot } from '../draw/flight_dots.ts'
import { useMachine } from '../model/machine_view.ts'

const SVG = 'http://www.w3.org/2000/svg'

interface Marks {
  readonly dot: SVGCircleElement
  readonly trail: SVGPathElement
}

/** Draws the bios that are under way, as dots between the array and their chunks. Moves nothing but its own marks. */
export function useMotion(group: RefObject<SVGGElement | null>, array: string, layout: StageLayout): void {
  const { picture } = useMachine()
  useEffect(() => {
    const dots = new FlightDots()
    const marks = new Map<number, Marks>()
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches

    const draw = (real: number): void => {
      const home = group.current
      const source = picture().arrays.get(array)
      if (!home) return
      dots.update(source?.flights ?? [], source?.passed ?? [], real)
      for (const [bio, { dot, trail }] of marks) {
        if (dots.has(bio)) continue
        dot.remove()
        trail.remove()
        marks.delete(bio)
      }
      for (const dot of dots.all()) place(home, marks, dot, layout, isStill ? 1 : dots.depth(dot, real))
    }
    return eachFrame(draw)
  }, [group, array, layout, picture])
}

function place(home: SVGGElement, marks: Map<number, Marks>, dot: Dot, layout: StageLayout, depth: number): void {
  const column = layout.columns[dot.slot]
  if (!column) return
  let own = marks.get(dot.bio)
  if (!own) {
    own = { dot: document.createElementNS(SVG, 'circle'), trail: document.createElementNS(SVG, 'path') }
    own.dot.setAttribute('class', 'bio-dot')
    own.dot.setAttribute('r', '5')
    own.trail.setAttribute('class', 'bio-trail')
    const colour = dot.isRead ? 'var(--ink-3)' : dot.isParity ? 'var(--parity)' : 'var(--data)'
    own.dot.setAttribute('fill', colour)
    own.trail.setAttribute('stroke', colour)
    home.append(own.trail, own.dot)
    marks.set(dot.bio, own)
  }
  // In a lane between a chunk's label and its words, side by side by the bio's number.
  const x = column.x + dotLane(dot.bio, column.width)
  const top = layout.metaTop - 10
  const bottom = dot.row < 0 ? layout.metaTop + layout.rowHeight / 2 : rowTop(layout, dot.row) + layout.rowHeight / 2
  const y = top + (bottom - top) * depth
  put(own.dot, 'cx', x.toFixed(1))
  put(own.dot, 'cy', y.toFixed(1))
  put(own.trail, 'd', `M${x.toFixed(1)} ${top}V${y.toFixed(1)}`)
  put(own.dot, 'opacity', dot.endedAt === undefined ? '1' : '0.6')
  put(own.trail, 'opacity', dot.endedAt === undefined ? '0.7' : '0.3')
}

/** Sets what has changed: where time stands still, nothing is touched. */
function put(element: SVGElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}
