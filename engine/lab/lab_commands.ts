/** The lab's own commands, for what no shell can do. Adding a family touches its file and one line here. */
import type { CommandSpec } from '../shell/command.ts'
import { BOOT } from './boot_command.ts'
import { PATTERN_DISK } from './disk_pattern.ts'
import { EXPECT } from './expect_command.ts'
import { FAULT_COMMANDS } from './fault_commands.ts'
import { POWER } from './power_commands.ts'
import { RUN } from './run_command.ts'
import { SESSION_COMMANDS } from './session_commands.ts'
import { TIME_COMMANDS } from './time_commands.ts'
import { WORKLOAD_COMMANDS } from './workload_commands.ts'

export const LAB_COMMANDS: readonly CommandSpec[] = [
  PATTERN_DISK,
  POWER,
  BOOT,
  ...FAULT_COMMANDS,
  ...WORKLOAD_COMMANDS,
  ...TIME_COMMANDS,
  RUN,
  ...SESSION_COMMANDS,
  EXPECT,
]
