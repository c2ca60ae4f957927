import type { ReactElement } from 'react'
import type { CutPreview, CutStripe, PreviewKeep } from '../../engine/api/cut_preview.ts'
import { plural } from '../draw/format.ts'
import { byTrouble, heldState, summaryOf, verdictOf } from '../model/cut_verdict.ts'
import { enginePort, picture } from '../model/engine.ts'
import { useAnswer } from './use_answer.ts'

/** More than these are not shown; those that need attention come first. */
const SHOWN = 60

const HELD = { old: 'old', new: 'new', torn: 'torn', same: '' } as const

/**
 * What a cut would leave, as the machine computes it from the bytes.
 * @param key changes whenever the machine has moved
 */
export function useCutPreview(keep: PreviewKeep | undefined, key: number): CutPreview | undefined {
  return useAnswer(() => (keep === undefined ? undefined : enginePort()?.previewCut(keep)), [keep ?? '', key])
}

function StripeRows({ stripe, slots }: { stripe: CutStripe; slots: number }): ReactElement {
  const map = picture().arrays.get(stripe.array)?.field.map
  const page = map ? (stripe.sector - stripe.stripe * map.chunkSectors) / 8 : 0
  const verdict = verdictOf(stripe)
  return (
    <>
      <tr>
        <th scope="row" className="number">
          stripe {stripe.stripe}, page {page}
        </th>
        {Array.from({ length: slots }, (_, slot) => {
          const member = stripe.members.find((candidate) => candidate.slot === slot)
          const name = map?.nameAt(stripe.stripe, slot) ?? ''
          if (!member)
            return (
              <td key={slot} className="dim">
                × missing
              </td>
            )
          const held = heldState(member)
          return (
            <td key={slot}>
              <div
                className={`cut-held cut-held-${held} ${map?.isParity(stripe.stripe, slot) === true ? 'cut-held-parity' : ''}`}
              >
                {name} <span>{HELD[held]}</span>
              </div>
            </td>
          )
        })}
      </tr>
      <tr>
        <td />
        <td colSpan={slots} className={`cut-verdict cut-verdict-${verdict.tone}`}>
          {verdict.text}
        </td>
      </tr>
    </>
  )
}

/** What each disk would hold of the stripes at stake, and whether they would fit together. */
export function CutPreviewTable({ preview }: { preview: CutPreview }): ReactElement {
  const arrays = [...new Set(preview.stripes.map(({ array }) => array))]
  return (
    <>
      <p className="cut-summary" role="status">
        {summaryOf(preview.stripes)}
      </p>
      {arrays.map((name) => {
        const scene = picture().arrays.get(name)?.scene
        const slots = scene?.members.length ?? 0
        const stripes = byTrouble(preview.stripes.filter(({ array }) => array === name))
        return (
          <table key={name} className="cut-preview">
            <caption className="unseen">What the members of {name} would hold</caption>
            <thead>
              <tr>
                <th scope="col">{name}</th>
                {Array.from({ length: slots }, (_, slot) => (
                  <th key={slot} scope="col">
                    {scene?.members[slot].disk}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stripes.slice(0, SHOWN).map((stripe) => (
                <StripeRows key={stripe.sector} stripe={stripe} slots={slots} />
              ))}
            </tbody>
          </table>
        )
      })}
      {preview.stripes.length + preview.more > SHOWN && (
        <p className="dialog-note">{plural(preview.stripes.length + preview.more - SHOWN, 'more page')} not shown.</p>
      )}
    </>
  )
}
