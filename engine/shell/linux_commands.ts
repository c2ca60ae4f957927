import { BLKDISCARD } from './blkdiscard.ts'
import { BLOCKDEV } from './blockdev.ts'
import { CAT } from './cat.ts'
import { MD5SUM, SHA256SUM } from './checksum_commands.ts'
import { CMP } from './cmp.ts'
import type { CommandSpec } from './command.ts'
import { DD } from './dd.ts'
import { DMSETUP } from './dmsetup.ts'
import { HEXDUMP } from './hexdump.ts'
import { INTEGRITYSETUP } from './integritysetup.ts'
import { MDADM } from './mdadm.ts'
import { RAID6CHECK } from './raid6check.ts'
import { REBOOT } from './reboot.ts'
import { SMALL_COMMANDS } from './small_commands.ts'
import { VERITYSETUP } from './veritysetup.ts'

/** The commands of a root shell. */
export const LINUX_COMMANDS: readonly CommandSpec[] = [
  BLKDISCARD,
  BLOCKDEV,
  CAT,
  CMP,
  DD,
  DMSETUP,
  HEXDUMP,
  INTEGRITYSETUP,
  MD5SUM,
  MDADM,
  RAID6CHECK,
  ...REBOOT,
  SHA256SUM,
  VERITYSETUP,
  ...SMALL_COMMANDS,
]
