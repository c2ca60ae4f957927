/** The kinds of targets that device-mapper brings itself. The floors above add theirs to these. */
import { DELAY } from './delay.ts'
import { DUST } from './dust.ts'
import { ERROR } from './error.ts'
import { FLAKEY } from './flakey.ts'
import { LINEAR } from './linear.ts'
import { STRIPED } from './striped.ts'
import type { TargetType } from './target.ts'
import { ZERO } from './zero.ts'

export const DM_TARGETS: readonly TargetType[] = [ERROR, LINEAR, STRIPED, ZERO, FLAKEY, DELAY, DUST]
