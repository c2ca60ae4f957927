/**
 * The lab language, as far as a machine that nobody has typed at needs it: disks, power, workloads, time, and the making of an
 * array. What else there is comes with `whole_language.ts`, so that a first visit does not wait for it.
 */
import { PERSONALITIES } from '../md/personality.ts'
import { RAID5 } from '../md/raid5.ts'
import { CommandRegistry } from '../shell/command.ts'
import { MDADM_CREATE } from '../shell/mdadm_first.ts'
import { DISK } from './disk_commands.ts'
import { POWER_COMMANDS } from './power_commands.ts'
import { TIME_COMMANDS } from './time_commands.ts'
import { WORKLOAD_COMMANDS } from './workload_commands.ts'

export const COMMANDS = new CommandRegistry([
  MDADM_CREATE,
  DISK,
  ...POWER_COMMANDS,
  ...WORKLOAD_COMMANDS,
  ...TIME_COMMANDS,
])

PERSONALITIES.learn([RAID5])
