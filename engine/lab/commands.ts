/**
 * The lab language, as far as a machine that nobody has typed at needs it: disks, the boot script, workloads, and the making of an
 * array. What else there is comes with `whole_language.ts`, so that a first visit does not wait for it.
 */
import { PERSONALITIES } from '../md/personality.ts'
import { RAID5 } from '../md/raid5.ts'
import { CommandRegistry } from '../shell/command.ts'
import { MDADM_CREATE } from '../shell/mdadm_first.ts'
import { BOOT } from './boot_command.ts'
import { DISK } from './disk_commands.ts'
import { RUN } from './run_command.ts'
import { WORKLOAD_COMMANDS } from './workload_commands.ts'

export const COMMANDS = new CommandRegistry([MDADM_CREATE, DISK, BOOT, ...WORKLOAD_COMMANDS, RUN])

PERSONALITIES.learn([RAID5])
