/**
 * The lab language, as far as a machine that nobody has typed at needs it: the lab's own commands, and the making of an array. What
 * else there is comes with `whole_language.ts`, so that a first visit does not wait for it.
 */
import { CommandRegistry } from '../shell/command.ts'
import { MDADM_CREATE } from '../shell/mdadm_first.ts'
import { LAB_COMMANDS } from './lab_commands.ts'

export const COMMANDS = new CommandRegistry([MDADM_CREATE, ...LAB_COMMANDS])
