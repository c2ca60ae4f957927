/** The lab language: every command, Linux's and the lab's. */
import { CommandRegistry } from '../shell/command.ts'
import { LINUX_COMMANDS } from '../shell/linux_commands.ts'
import { LAB_COMMANDS } from './lab_commands.ts'

export const COMMANDS = new CommandRegistry([...LINUX_COMMANDS, ...LAB_COMMANDS])
