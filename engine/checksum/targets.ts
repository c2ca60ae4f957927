/** The kinds of targets that know from sums whether what they read is what was written. */
import type { TargetType } from '../dm/target.ts'
import { CHECKSUM } from './checksum_target.ts'
import { HASHTREE } from './hashtree_target.ts'
import { INTEGRITY } from './integrity_target.ts'
import { VERITY } from './verity_target.ts'

export const CHECKSUM_TARGETS: readonly TargetType[] = [VERITY, HASHTREE, CHECKSUM, INTEGRITY]
