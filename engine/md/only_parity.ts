import type { MdArray } from './array.ts'
import { LAYOUT_PARITY_FIRST, LAYOUT_PARITY_LAST, LAYOUT_Q_LAST, type Geometry } from './geometry.ts'

/** How many members that are there, but not in sync, hold nothing but parity. @source only_parity, drivers/md/raid5.c, 6.1 */
export function onlyParityLacking(array: MdArray, geometry: Geometry): number {
  return array.slots.filter((member, slot) => member !== null && !member.inSync && holdsOnlyParity(geometry, slot))
    .length
}

function holdsOnlyParity({ layout, raidDisks, dataDisks, level }: Geometry, slot: number): boolean {
  const parities = raidDisks - dataDisks
  if (layout === LAYOUT_PARITY_FIRST) return slot < parities
  if (layout === LAYOUT_PARITY_LAST) return slot >= raidDisks - parities
  if (level !== 6 || layout < LAYOUT_Q_LAST) return false
  return slot === raidDisks - 1 || (layout === LAYOUT_Q_LAST + LAYOUT_PARITY_FIRST && slot === 0)
}
