/** What the table of a raid target means: for a view that is asked for. */
import type { Machine } from '../lab/machine.ts'
import { explainRaid, type RaidExplanation } from '../raid/explanation.ts'
import { RaidTarget } from '../raid/raid_target.ts'

export type { ExplainedLeg, ExplainedRow, RaidExplanation } from '../raid/explanation.ts'

/** @returns null where there is no such device, or it has no raid table */
export function raidExplanation(machine: Machine, mapped: string): RaidExplanation | null {
  const target = machine.kernel.dm.find(mapped)?.active?.targets.find((one) => one instanceof RaidTarget)
  return target === undefined ? null : explainRaid(target)
}
