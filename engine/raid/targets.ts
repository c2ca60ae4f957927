/** The kinds of targets of this floor. */
import type { TargetType } from '../dm/target.ts'
import { RAID } from './raid_target.ts'

export const RAID_TARGETS: readonly TargetType[] = [RAID]
