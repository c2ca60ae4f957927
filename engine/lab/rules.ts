import { BUFIO_RULES } from '../bufio/rules.ts'
import { CHECKSUM_RULES } from '../checksum/rules.ts'
import { RAID_RULES } from '../raid/rules.ts'
import { REBOOT_RULES } from '../shell/reboot_rules.ts'

/** Where Linux 6.1 and the documents differ: what each rule may say. The first value is the default, and Linux's where Linux has the thing. */
export interface Rule {
  readonly name: string
  readonly values: readonly string[]
  readonly summary: string
}

/** Linux 6.1, whatever the rule. */
export const LINUX = 'linux-6.1'

/** Native MD arrays have none; they come with the targets that do. */
export const RULES: readonly Rule[] = [...RAID_RULES, ...BUFIO_RULES, ...CHECKSUM_RULES, ...REBOOT_RULES]
