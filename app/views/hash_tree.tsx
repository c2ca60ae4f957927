import './hash_tree.css'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { HashTreeLook } from '../../engine/api/hash_tree_flags.ts'
import type { Painter } from '../draw/canvas.ts'
import { hitTree, layOutTree, moveInTree, placeOf, type TreeMove, type TreePlace } from '../draw/tree_layout.ts'
import { paintTree, treeColours, type TreeColours, type TreeScene } from '../draw/tree_paint.ts'
import { lookAt } from '../model/look.ts'
import { bandCounts, bandName, placeWords, treeSummary } from '../model/tree_words.ts'
import { useAnswer } from './use_answer.ts'
import { useExtent } from './use_extent.ts'
import { useMoment } from './use_moment.ts'
import { usePainter } from './use_painter.ts'

const MOVES: Readonly<Record<string, TreeMove>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'parent',
  PageDown: 'child',
}

class TreePainter implements Painter {
  #scene: TreeScene | undefined
  #painted: TreeScene | undefined
  #colours: TreeColours | undefined

  show(scene: TreeScene): void {
    this.#scene = scene
  }

  paint(context: CanvasRenderingContext2D, _real: number, isAnew: boolean): void {
    const scene = this.#scene
    if (scene === undefined || (scene === this.#painted && !isAnew)) return
    if (isAnew) this.#colours = undefined
    this.#colours ??= treeColours(context.canvas)
    this.#painted = scene
    paintTree(context, this.#colours, scene)
  }
}

function Drawing({ look, name }: { look: HashTreeLook; name: string }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [field, { width }] = useExtent()
  const counts = [...look.levels.map(({ blocks }) => blocks.length), look.data.length].join(' ')
  const layout = useMemo(() => layOutTree(counts.split(' ').map(Number), width), [counts, width])
  const perCell = Math.max(...layout.bands.map((band) => band.perCell))
  const painter = useMemo(() => new TreePainter(), [])
  usePainter(canvas, width, layout.height, painter)
  const [cursor, setCursor] = useState<TreePlace>()
  const [pointed, setPointed] = useState<TreePlace>()
  const [hasFocus, setHasFocus] = useState(false)
  const ids = useId()
  const isThere = (place: TreePlace | undefined): boolean =>
    place !== undefined && place.band < layout.bands.length && place.from < layout.bands[place.band].count
  const place = isThere(pointed) ? pointed : isThere(cursor) ? cursor : undefined
  useEffect(() => {
    painter.show({ look, layout, place, hasFocus: hasFocus && pointed === undefined })
  })
  const hit = (event: { clientX: number; clientY: number }): TreePlace | undefined => {
    const box = canvas.current?.getBoundingClientRect()
    return box && hitTree(layout, event.clientX - box.left, event.clientY - box.top)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key]
    if (move === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    setPointed(undefined)
    setCursor(moveInTree(layout, place ?? placeOf(layout, 0, 0), move, look.bitsPerBlock))
  }
  return (
    <>
      <div className="tree-field" ref={field}>
        <canvas
          ref={canvas}
          className="tree-canvas"
          style={{ height: layout.height }}
          role="application"
          aria-roledescription="hash tree"
          aria-label={`Hash tree of ${name}. Arrow keys go from block to block, Page up to the sums above, Page down below.`}
          aria-describedby={`${ids}-place`}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onFocus={() => {
            setHasFocus(true)
            setCursor((before) => before ?? placeOf(layout, 0, 0))
          }}
          onBlur={() => setHasFocus(false)}
          onPointerMove={(event) => setPointed(hit(event))}
          onPointerLeave={() => setPointed(undefined)}
          onPointerDown={(event) => setCursor(hit(event))}
        />
      </div>
      {perCell > 1 && (
        <p className="dim">A cell stands for up to {perCell} blocks, with all that is true of any of them.</p>
      )}
      <p className="tree-place" id={`${ids}-place`} aria-live={hasFocus ? 'polite' : 'off'}>
        {place ? placeWords(look, place) : 'Point at a block: what is known of it stands here.'}
      </p>
    </>
  )
}

function Bands({ look }: { look: HashTreeLook }): ReactElement {
  const bands = Array.from({ length: look.levels.length + 1 }, (_, band) => band)
  return (
    <table className="tree-bands">
      <caption className="unseen">What is known of the blocks of each level</caption>
      <thead>
        <tr>
          <th scope="col">level</th>
          <th scope="col">blocks</th>
          <th scope="col">cached</th>
          <th scope="col">checked</th>
          <th scope="col">unwritten</th>
          <th scope="col">wrong</th>
        </tr>
      </thead>
      <tbody>
        {bands.map((band) => (
          <tr key={band}>
            <th scope="row">{bandName(look, band)}</th>
            {bandCounts(look, band).map((count, i) => (
              <td key={i}>{count}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function TreeLegend({ isWritten }: { isWritten: boolean }): ReactElement {
  return (
    <ul className="tree-legend" aria-label="Legend of the tree">
      <li>
        <span className="tree-swatch" /> not in the cache
      </li>
      <li>
        <span className="tree-swatch tree-cached" /> in the cache
      </li>
      <li>
        <span className="tree-swatch tree-verified" /> checked
      </li>
      {isWritten && (
        <>
          <li>
            <span className="tree-swatch tree-dirty" /> newer in memory
          </li>
          <li>
            <span className="tree-swatch tree-written" /> written last, up to the root
          </li>
        </>
      )}
      <li>
        <span className="tree-swatch tree-fails" /> fails
      </li>
      <li>
        <span className="tree-swatch tree-would" /> would fail after a cut
      </li>
    </ul>
  )
}

/** The hash tree of a mapped device: its levels, what of them is in the cache, checked, wrong; nothing where it has none. */
export function HashTree({ mapped }: { mapped: string }): ReactElement | null {
  const moment = useMoment()
  const look = useAnswer(() => lookAt('tree', mapped), [mapped, moment])
  if (!look) return null
  const { now, afterCut } = treeSummary(look)
  return (
    <div className="tree">
      <p className="tree-root">
        root <span className="mono">{look.root ?? 'whatever the topmost block sums up to'}</span>{' '}
        <span className="dim">
          {look.algorithm}, {2 ** look.bitsPerBlock} sums a block
        </span>
      </p>
      <p className={look.failing ? 'danger' : ''}>{now}</p>
      <Drawing look={look} name={mapped} />
      <TreeLegend isWritten={look.type === 'hashtree'} />
      {afterCut !== '' && <p>{afterCut}</p>}
      <Bands look={look} />
    </div>
  )
}
