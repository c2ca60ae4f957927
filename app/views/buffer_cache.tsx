import './buffer_cache.css'
import { useRef, useState, type CSSProperties, type KeyboardEvent, type ReactElement } from 'react'
import type { CacheLook, LookedBuffer, LookedList } from '../../engine/api/cache_look.ts'
import { plural } from '../draw/format.ts'
import { ageShade, bufferWords, cacheFacts, lossWords, stateLetters } from '../model/buffer_words.ts'
import { lookAt } from '../model/look.ts'
import { useMachine } from '../model/machine_view.ts'
import { useAnswer } from './use_answer.ts'
import { useSampled } from './use_sampled.ts'

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** The caches of a mapped device at this moment; asked for anew a few times a second while it moves. */
function useCaches(mapped: string): readonly CacheLook[] | null | undefined {
  const { store, side } = useMachine()
  const moment = useSampled(() => {
    const { time, steps } = store.getState()
    return [time, steps]
  }, [mapped])
  return useAnswer(() => (side === 'right' ? undefined : lookAt('caches', mapped)), [mapped, side, ...moment])
}

/** One buffer. Colour is age, the edge is what a cut would do, the bar below is what is dirty of it. */
function Tile({
  buffer,
  cache,
  isPicked,
  isStop,
  onPick,
}: {
  buffer: LookedBuffer
  cache: CacheLook
  isPicked: boolean
  isStop: boolean
  onPick: () => void
}): ReactElement {
  const { block, holders, dirtyFrom, dirtyTo, isDirty, fate } = buffer
  const letters = stateLetters(buffer)
  const dots = holders > 3 ? `•${holders}` : '•'.repeat(holders)
  const { blockBytes } = cache
  const bar = { left: `${(dirtyFrom / blockBytes) * 100}%`, width: `${((dirtyTo - dirtyFrom) / blockBytes) * 100}%` }
  return (
    <li>
      <button
        type="button"
        className={`buffer buffer-${fate.replaceAll(' ', '-')} ${isDirty ? 'buffer-dirty' : ''}`}
        style={{ '--age': `${Math.round(ageShade(buffer.age) * 100)}%` } as CSSProperties}
        aria-pressed={isPicked}
        aria-label={bufferWords(buffer, cache)}
        tabIndex={isStop ? 0 : -1}
        data-block={block}
        onClick={onPick}
      >
        <span className="buffer-block">{block}</span>
        {(letters !== '' || holders > 0) && (
          <span className="buffer-marks" data-letters={letters} data-holders={dots} />
        )}
        {isDirty && (
          <span className="buffer-range" aria-hidden="true">
            <span style={bar} />
          </span>
        )}
      </button>
    </li>
  )
}

/** One of the two lists, most recently used first. Arrow keys go along it. */
function List({
  title,
  list,
  cache,
  picked,
  onPick,
}: {
  title: string
  list: LookedList
  cache: CacheLook
  picked: number | undefined
  onPick: (block: number) => void
}): ReactElement {
  const ref = useRef<HTMLOListElement>(null)
  const { buffers, count } = list
  const stop = buffers.find(({ block }) => block === picked)?.block ?? buffers[0]?.block
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]
    const tiles = [...(ref.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])]
    const at = tiles.indexOf(document.activeElement as HTMLButtonElement)
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? tiles.length - 1 : step === undefined ? -1 : at + step
    if (event.altKey || event.ctrlKey || event.metaKey || tiles[to] === undefined) return
    event.preventDefault()
    event.stopPropagation()
    tiles[to].focus()
    onPick(Number(tiles[to].dataset.block))
  }
  return (
    <div className="buffer-list">
      <h4>
        {title} <span className="cause-detail-inline">{plural(count, 'buffer')}</span>
      </h4>
      {count === 0 ? (
        <p className="dim">none</p>
      ) : (
        <ol ref={ref} aria-label={`${title} list, most recently used first`} onKeyDown={onKeyDown}>
          {buffers.map((buffer) => (
            <Tile
              key={buffer.block}
              buffer={buffer}
              cache={cache}
              isPicked={buffer.block === picked}
              isStop={buffer.block === stop}
              onPick={() => onPick(buffer.block)}
            />
          ))}
        </ol>
      )}
      {count > buffers.length && <p className="dim">and {plural(count - buffers.length, 'older one')}</p>}
    </div>
  )
}

function Cache({ cache }: { cache: CacheLook }): ReactElement {
  const [picked, setPicked] = useState<number>()
  const { clean, dirty, device, lostBytes, promise, costs } = cache
  const found = [...dirty.buffers, ...clean.buffers].find(({ block }) => block === picked)
  return (
    <section className="buffer-cache" aria-label={`Buffer cache on ${device}`}>
      <h3 className="panel-title">
        Buffer cache <span className="inspector-where">on {device}</span>
      </h3>
      <p className="dim">{cacheFacts(cache)}</p>
      <p className={`buffer-loss ${lostBytes > 0 ? 'tone-danger' : ''}`}>{lossWords(cache)}</p>
      <List title="Dirty" list={dirty} cache={cache} picked={picked} onPick={setPicked} />
      <List title="Clean" list={clean} cache={cache} picked={picked} onPick={setPicked} />
      <p className="buffer-words" role="status">
        {found === undefined ? 'Pick a buffer: what is known of it stands here.' : `${bufferWords(found, cache)}.`}
      </p>
      <p className="buffer-legend dim">
        Strong colour: just used; pale: long ago. r being read, w being written, d dirty, with its bytes below; • held.
        Dotted: in the disk’s cache alone. Who is on the dirty list without a letter has been written, and is moved when
        somebody passes by.
      </p>
      {promise !== '' && (
        <>
          <h4>What the mode promises</h4>
          <p className="buffer-promise">{promise}</p>
          <h4>What writing costs</h4>
          <p>{costs}</p>
        </>
      )}
    </section>
  )
}

/** The buffer caches of a mapped device: which blocks they have, and what of them is nowhere else. */
export function BufferCaches({ mapped }: { mapped: string }): ReactElement | null {
  const caches = useCaches(mapped)
  if (!caches) return null
  return (
    <>
      {caches.map((cache) => (
        <Cache key={`${cache.name} ${cache.device}`} cache={cache} />
      ))}
    </>
  )
}
