/**
 * Whether a set has enough legs to be activated.
 * @source validate_raid_redundancy, drivers/md/dm-raid.c, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import type { Leg } from './analyse.ts'
import { raid10CopiesOf, raid10FormatOf } from './raid_type.ts'
import type { RaidTable } from './table_line.ts'

/** Looked at when only the freshest leg was judged: what counts are missing legs, and those to be built anew. */
export function checkRedundancy(table: RaidTable, legs: readonly Leg[], freshest: Leg, layout: number): Failure | null {
  let lacking = 0
  for (let i = 0; i < table.legs.length; i++) {
    const leg = legs.find(({ reading }) => reading.leg === i)
    if (leg !== undefined && leg.isNew && leg !== freshest) continue
    if (leg === undefined || !leg.inSync || !leg.reading.hasMetadata) lacking++
  }
  const { level } = table.type
  const bearable = level === 1 ? table.legs.length - 1 : table.type.parityLegs
  if (lacking <= bearable || (level === 10 && hasCopies(table, legs, layout))) return null
  if (level === 10)
    return fail('EINVAL', `${lacking} legs are missing or to be built anew, among them all with one copy`)
  return fail('EINVAL', `${lacking} of ${table.legs.length} legs are missing or to be built anew; ${bearable} may be`)
}

/** Whether of each group of copies one leg is there. @source validate_raid_redundancy, drivers/md/dm-raid.c, 6.1 */
function hasCopies(table: RaidTable, legs: readonly Leg[], layout: number): boolean {
  const count = table.legs.length
  const copies = raid10CopiesOf(layout)
  const isNear = raid10FormatOf(layout) === 'near'
  const groupSize = Math.floor(count / copies)
  const lastStart = isNear ? Infinity : (Math.floor(count / groupSize) - 1) * groupSize
  let lacking = 0
  for (let i = 0; i < count; i++) {
    if (i % copies === 0 && i <= lastStart) lacking = 0
    const leg = legs.find(({ reading }) => reading.leg === i)
    if (leg !== undefined && leg.inSync && leg.reading.hasMetadata) continue
    if (++lacking >= copies) return false
  }
  return true
}
