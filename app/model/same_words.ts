/** Whether two machines have the same data, in words. */
import type { SameData } from '../../engine/api/twin_frame.ts'
import { percent, plural, sectorBytes } from '../draw/format.ts'

export interface SameWords {
  /** As below /dev. */
  readonly array: string
  readonly text: string
  readonly isSame: boolean
}

/** @param isDone all of it was looked at; otherwise the words say how far that is */
export function sameWords({ array, sectors, looked, common, differing, first, unread }: SameData): SameWords {
  const missing = sectors.findIndex((size) => size < 0)
  if (missing >= 0) return { array, isSame: false, text: `only on the ${missing === 0 ? 'right' : 'left'}` }
  const far = looked < common ? `, ${percent(looked / common)} looked at` : ''
  const lost = unread > 0 ? `; ${sectorBytes(unread)} cannot be read` : ''
  const sizes = sectors[0] === sectors[1] ? '' : `; ${sectorBytes(sectors[0])} and ${sectorBytes(sectors[1])}`
  const isSame = differing === 0
  const text = isSame
    ? `the same${far === '' ? `, all ${sectorBytes(common)}` : ' so far'}`
    : `${plural(differing, 'sector')} differ${differing === 1 ? 's' : ''}, the first is ${first}`
  return { array, isSame, text: `${text}${far}${sizes}${lost}` }
}
