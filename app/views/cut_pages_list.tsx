import { useState, type ReactElement } from 'react'
import { ago, plural } from '../draw/format.ts'
import { PAGE_SECTORS, sectorWords, type Kept, type StakePage } from '../model/cut_pages.ts'

/** More than these are not listed one by one. */
const LISTED = 160

/** A box that is ticked, not ticked, or partly. */
function Tick({
  state,
  label,
  onChange,
}: {
  state: 'all' | 'some' | 'none'
  label: string
  onChange: (isTicked: boolean) => void
}): ReactElement {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={state === 'all'}
      ref={(box) => {
        if (box) box.indeterminate = state === 'some'
      }}
      onChange={(event) => onChange(event.target.checked)}
    />
  )
}

const stateOf = (mask: number, kept: number): 'all' | 'some' | 'none' =>
  (kept & mask) === mask ? 'all' : (kept & mask) === 0 ? 'none' : 'some'

/** One page: whether it survives, and, if somebody tears it, which of its sectors. */
function PageRow({
  page,
  kept,
  now,
  set,
}: {
  page: StakePage
  kept: number
  now: number
  set: (kept: number) => void
}): ReactElement {
  const { disk, sector, mask, what, kind, isCached, isInFlight, since } = page
  const state = stateOf(mask, kept)
  const [isOpen, setOpen] = useState(false)
  const isTorn = isOpen || state === 'some'
  const sectors = sectorWords(sector, mask)
  const where = isInFlight ? (isCached ? 'in the cache and in flight' : 'in flight') : ago(now - since)
  return (
    <li className={`cut-page cut-${kind}`}>
      <Tick
        state={state}
        label={`${what} on ${disk}, sectors ${sectors}, survives`}
        onChange={(isTicked) => set(isTicked ? mask : 0)}
      />
      <span className="cut-bar" aria-hidden="true" />
      <span>
        {what}{' '}
        <small className="number">
          {sectors} · {where}
        </small>
      </span>
      <button
        type="button"
        className="button button-small button-quiet"
        aria-pressed={isTorn}
        aria-label={`Tear ${what} on ${disk}`}
        title="A cut in the middle of the page: only some of its sectors arrive"
        onClick={() => {
          // Torn, the first half arrives, until somebody ticks otherwise.
          if (!isTorn) set(mask & 15 || mask & -mask)
          else if (state === 'some') set(0)
          setOpen(!isTorn)
        }}
      >
        tear
      </button>
      {isTorn && (
        <div className="cut-tear" role="group" aria-label={`Sectors of ${what} on ${disk} that survive`}>
          {Array.from({ length: PAGE_SECTORS }, (_, i) => (
            <label key={i} title={`sector ${sector + i}`}>
              <input
                type="checkbox"
                aria-label={`sector ${sector + i}`}
                disabled={(mask & (1 << i)) === 0}
                checked={(kept & mask & (1 << i)) !== 0}
                onChange={() => set((kept & mask) ^ (1 << i))}
              />
              {i}
            </label>
          ))}
        </div>
      )}
    </li>
  )
}

interface Props {
  readonly pages: readonly StakePage[]
  readonly kept: Kept
  /** Virtual time. */
  readonly now: number
  readonly onKept: (kept: Kept) => void
}

/** The unflushed writes, disk by disk, to be ticked. */
export function CutPagesList({ pages, kept, now, onKept }: Props): ReactElement {
  const listed = pages.slice(0, LISTED)
  const disks = [...new Set(pages.map(({ disk }) => disk))]
  const keptOf = (key: string): number => kept.get(key) ?? 0
  return (
    <>
      {disks.map((disk) => {
        const own = pages.filter((page) => page.disk === disk)
        const full = own.filter(({ key, mask }) => stateOf(mask, keptOf(key)) === 'all').length
        const isNone = own.every(({ key, mask }) => (keptOf(key) & mask) === 0)
        return (
          <section key={disk} aria-label={`Unflushed writes of ${disk}`}>
            <div className="cut-disk">
              <Tick
                state={full === own.length ? 'all' : isNone ? 'none' : 'some'}
                label={`Everything of ${disk} survives`}
                onChange={(isTicked) =>
                  onKept(new Map([...kept, ...own.map(({ key, mask }) => [key, isTicked ? mask : 0] as const)]))
                }
              />
              {disk} <span>{plural(own.length, 'page')}</span>
            </div>
            <ul>
              {listed
                .filter((page) => page.disk === disk)
                .map((page) => (
                  <PageRow
                    key={page.key}
                    page={page}
                    kept={keptOf(page.key)}
                    now={now}
                    set={(mask) => onKept(new Map([...kept, [page.key, mask]]))}
                  />
                ))}
            </ul>
          </section>
        )
      })}
      {pages.length > listed.length && (
        <p className="dialog-note">
          {plural(pages.length - listed.length, 'more page')} by disk only: the boxes beside the names tick them.
        </p>
      )}
    </>
  )
}
