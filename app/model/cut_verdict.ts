/** What a cut would leave of one page of a stripe, in the words of the picture. */
import { plural } from '../draw/format.ts'
import type { CutMember, CutStripe } from '../../engine/api/cut_preview.ts'

export type HeldState = 'old' | 'new' | 'torn' | 'same'

/** What a member would hold. `same`: nothing of it is at stake, or what would be lost is what the medium has already. */
export function heldState({ atStake, kept, behind }: CutMember): HeldState {
  if (atStake === 0) return 'same'
  if (kept === atStake || behind === 0) return 'new'
  return kept === 0 ? 'old' : 'torn'
}

export interface Verdict {
  readonly text: string
  readonly tone: 'good' | 'amber' | 'danger' | 'plain'
}

/** Whether parity fits, and if it does not, who would know. */
export function verdictOf(stripe: CutStripe): Verdict {
  const { wrong, bitsSet, holders } = stripe
  if (wrong < 0) return { text: 'a member is missing: there is nothing to compare parity with', tone: 'danger' }
  if (wrong === 0) return { text: 'parity fits', tone: 'good' }
  if (bitsSet < 0) return { text: 'parity wrong; no bitmap: a resync of everything', tone: 'amber' }
  if (bitsSet === 0) return { text: 'parity wrong, and no bitmap has its bit', tone: 'danger' }
  const which = bitsSet === holders ? '' : ` of ${bitsSet} of ${holders} members`
  return { text: `parity wrong; the bitmap${which} will have it resynced`, tone: 'amber' }
}

/** Those that need attention first, else in order. */
export function byTrouble(stripes: readonly CutStripe[]): readonly CutStripe[] {
  const weight = { danger: 0, amber: 1, plain: 2, good: 3 }
  return [...stripes].sort(
    (a, b) =>
      weight[verdictOf(a).tone] - weight[verdictOf(b).tone] || a.array.localeCompare(b.array) || a.sector - b.sector,
  )
}

/** The whole in one sentence. */
export function summaryOf(stripes: readonly CutStripe[]): string {
  const of = (tone: Verdict['tone']): number => stripes.filter((stripe) => verdictOf(stripe).tone === tone).length
  const [danger, amber] = [of('danger'), of('amber')]
  if (stripes.length === 0) return 'No stripe has anything at stake.'
  if (danger + amber === 0) return 'Parity would fit everywhere.'
  const parts = [
    danger > 0 ? `${danger} in danger` : '',
    amber > 0 ? `${amber} with wrong parity that a resync will mend` : '',
  ]
  return `Of ${plural(stripes.length, 'stripe page')} at stake: ${parts.filter(Boolean).join(', ')}.`
}
