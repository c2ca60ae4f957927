import { memo, type ReactElement } from 'react'
import { useStore } from 'zustand'
import type { Counter, DeedFrame, DifferenceFrame } from '../../engine/api/twin_frame.ts'
import { bytes, clock, count, duration } from '../draw/format.ts'
import { typeLine } from '../model/engine.ts'
import { pageStore } from '../model/page_store.ts'
import { seek } from '../model/time_actions.ts'
import { sameWords } from '../model/same_words.ts'
import { twinStore } from '../model/twin_store.ts'
import { ActionButton } from './action_button.tsx'
import { Panel } from './panel.tsx'
import './compare.css'

const KINDS = { io: 'disk I/O', state: 'state', answer: 'answer' } as const

function valueText({ unit }: Counter, value: number): string {
  if (unit === 'bytes') return bytes(value)
  return unit === 'time' ? (value === 0 ? '0' : duration(value)) : count(value)
}

function Rows({ counters }: { counters: readonly Counter[] }): ReactElement {
  return (
    <>
      {counters.map((counter) => {
        const { name, left, right } = counter
        return (
          <tr key={name} className={left === right ? '' : 'counter-differs'}>
            <th scope="row">{name}</th>
            <td>{valueText(counter, left)}</td>
            <td>{valueText(counter, right)}</td>
          </tr>
        )
      })}
    </>
  )
}

function Table({ label, counters }: { label: string; counters: readonly Counter[] }): ReactElement {
  return (
    <table className="counters number" aria-label={label}>
      <thead>
        <tr>
          <td />
          <th scope="col">Left</th>
          <th scope="col">Right</th>
        </tr>
      </thead>
      <tbody>
        <Rows counters={counters} />
      </tbody>
    </table>
  )
}

/** What both have done up to the moment that is shown. */
const Counters = memo(function Counters(): ReactElement | null {
  const counters = useStore(twinStore, (state) => state.counters)
  if (counters === undefined) return null
  return (
    <>
      <h3 className="panel-title">Counters</h3>
      <Table label="Counters" counters={counters.totals} />
      {counters.disks.map(({ disk, counters: ofDisk }) => (
        <details key={disk} className="counters-disk">
          <summary>{disk}</summary>
          <Table label={`Counters of ${disk}`} counters={ofDisk} />
        </details>
      ))}
    </>
  )
})

function Deed({ side, deed }: { side: string; deed: DeedFrame | null }): ReactElement {
  const text = deed === null ? 'nothing more' : deed.text === '' ? 'success, and nothing said' : deed.text
  const lines = text.split('\n')
  return (
    <div className="deed">
      <dt>{side}</dt>
      <dd title={lines.length > 1 ? text : undefined}>
        {lines[0]}
        {lines.length > 1 && ' …'}
      </dd>
    </div>
  )
}

const Item = memo(function Item({ one }: { one: DifferenceFrame }): ReactElement {
  const { kind, since, isChange, isFirst, step, left, right } = one
  const at = left ?? right
  return (
    <div className={isFirst ? 'difference difference-first' : 'difference'}>
      <p className="difference-head number">
        <b>{isChange ? 'The change itself' : isFirst ? 'First difference' : 'Difference'}</b>
        <span className="dim">{KINDS[kind]}</span>
        {at && (
          <ActionButton className="button-small" hint={`To that moment, ${clock(at.time)}`} onClick={() => seek(step)}>
            {isFirst ? 'Go there' : `step ${count(step)}`}
          </ActionButton>
        )}
      </p>
      {!isChange && since !== '' && (
        <p className="difference-since">
          since <span className="mono">{since.split('\n', 1)[0]}</span>
        </p>
      )}
      <dl>
        <Deed side="left" deed={left} />
        <Deed side="right" deed={right} />
      </dl>
    </div>
  )
})

/** Whether a reader of the arrays would be told the same by both. */
function Data(): ReactElement | null {
  const data = useStore(twinStore, (state) => state.data)
  if (data === undefined || data.arrays.length === 0) return null
  return (
    <>
      <h3 className="panel-title">Data, as it is read</h3>
      <dl className="same-data" title={`As of step ${count(data.step)}`}>
        {data.arrays.map(sameWords).map(({ array, text, isSame }) => (
          <div key={array}>
            <dt className="mono">{array}</dt>
            <dd className={isSame ? '' : 'counter-differs'}>
              {isSame ? '= ' : '≠ '}
              {text}
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** The first thing that was not the same, and the way to it. */
function First(): ReactElement {
  const isChanged = useStore(twinStore, (state) => state.isChanged)
  const from = useStore(twinStore, (state) => state.from)
  const first = useStore(twinStore, (state) => state.differences.find(({ isFirst }) => isFirst))
  const isMade = useStore(twinStore, (state) => state.progress >= 1)
  if (!isChanged) {
    return (
      <p className="comparison-same">
        On this branch <span className="mono">{from.split('\n', 1)[0]}</span> has not been typed: another line came
        before it. Left and right are the same machine here. Go to the other branch, or compare another line.
      </p>
    )
  }
  if (first) return <Item one={first} />
  return <p className="dim">{isMade ? 'Beyond the change itself, both have done the same so far.' : 'Being made …'}</p>
}

/** The others, the newest on top: one of each kind for each line. */
function Others(): ReactElement | null {
  const differences = useStore(twinStore, (state) => state.differences)
  const others = differences.filter(({ isFirst }) => !isFirst)
  if (others.length === 0) return null
  return (
    <>
      <h3 className="panel-title">Since each line</h3>
      <ol className="differences">
        {others.reverse().map((one, i) => (
          <li key={i}>
            <Item one={one} />
          </li>
        ))}
      </ol>
    </>
  )
}

/** How two machines differ that are compared: what each did first that the other did not, and what both have done in numbers. */
export function Comparison(): ReactElement {
  return (
    <Panel
      title="Comparison"
      extra={
        <span className="comparison-buttons">
          <ActionButton
            className="button-small"
            hint="Another line, or another option"
            onClick={() => pageStore.getState().openDialog('compare')}
          >
            Change …
          </ActionButton>
          <ActionButton
            className="button-small"
            hint="One machine again: compare off"
            onClick={() => void typeLine('compare off')}
          >
            End
          </ActionButton>
        </span>
      }
    >
      <div className="panel-body scroll comparison" tabIndex={0} role="region" aria-label="What differs">
        <First />
        <Data />
        <Counters />
        <Others />
      </div>
    </Panel>
  )
}
