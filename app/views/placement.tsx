import './placement.css'
import type { ReactElement } from 'react'
import { placementFormula, type PlacementFormula } from '../../engine/api/placement.ts'
import { useMachine } from '../model/machine_view.ts'
import type { Selection } from '../model/page_store.ts'
import type { Picture } from '../model/picture.ts'
import { useSampled } from './use_sampled.ts'

interface Placed {
  readonly formula: PlacementFormula
  /** Of one chunk, and not of them all. */
  readonly isWorked: boolean
}

/** The formula of an array, worked out for the chunk that was picked; of a stripe or of parity, for the stripe's first data. */
function placed(picture: Picture, selection: Selection): Placed | undefined {
  if (selection.kind !== 'chunk' && selection.kind !== 'stripe' && selection.kind !== 'array') return undefined
  const map = picture.arrays.get(selection.array)?.field.map
  if (!map) return undefined
  if (selection.kind === 'array') return { formula: placementFormula(map.geometry, 0), isWorked: false }
  const { stripe } = selection
  const slots = Array.from({ length: map.slots }, (_, slot) => slot)
  const own = selection.kind === 'chunk' && map.numberAt(stripe, selection.slot) >= 0 ? selection.slot : undefined
  const slot = own ?? first(slots, (candidate) => map.numberAt(stripe, candidate))
  if (slot === undefined) return undefined
  const sector = map.numberAt(stripe, slot) * map.chunkSectors
  return { formula: placementFormula(map.geometry, sector, map.copyAt(stripe, slot)), isWorked: true }
}

/** The slot with the lowest number that is one. */
function first(slots: readonly number[], numberOf: (slot: number) => number): number | undefined {
  const found = slots.filter((slot) => numberOf(slot) >= 0).sort((a, b) => numberOf(a) - numberOf(b))
  return found[0]
}

/** How the place of a chunk is computed, next to the picture of it. */
export function Placement({ selection }: { selection: Selection }): ReactElement | null {
  const { picture } = useMachine()
  const found = useSampled(() => placed(picture(), selection), [selection])
  if (!found) return null
  const { formula, isWorked } = found
  const given = formula.given.filter(({ symbol }) => isWorked || symbol !== 'A')
  return (
    <>
      <h3 className="panel-title">{isWorked ? 'Why here' : 'Where a sector lies'}</h3>
      <p className="placement-given">
        {given.map(({ symbol, value, meaning }) => (
          <span key={symbol} title={meaning}>
            <var>{symbol}</var> = {value} <span className={isWorked ? 'unseen' : 'dim'}>{meaning}</span>
          </span>
        ))}
      </p>
      <table className="placement">
        <caption className="unseen">The formula, step by step</caption>
        <tbody>
          {formula.lines.map(({ symbol, formula: text, value, meaning }) => (
            <tr key={symbol} title={meaning}>
              <th scope="row">
                <var className={symbol === 'P' || symbol === 'Q' ? `placement-${symbol}` : ''}>{symbol}</var>
              </th>
              <td>
                <span className="placement-formula">= {text}</span>
                <span className={isWorked ? 'unseen' : 'placement-meaning'}>{meaning}</span>
              </td>
              {isWorked && <td className="number">{value}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {formula.redundancy !== '' && <p className="placement-redundancy">{formula.redundancy}</p>}
    </>
  )
}
