/** The kinds of targets of this floor. */
import type { TargetType } from '../dm/target.ts'
import { BUFIO_TEST } from './test_target.ts'

export const BUFIO_TARGETS: readonly TargetType[] = [BUFIO_TEST]
