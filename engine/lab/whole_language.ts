/**
 * The whole lab language: whoever imports this may type every command, make arrays of every level, load every kind of target, and
 * read /proc and /sys. What runs machines imports it before it makes the first; only the browser's worker lets it come after the
 * first picture, and lets what is typed wait for it.
 */
import '../md/all_geometries.ts'
import { BUFIO_TARGETS } from '../bufio/targets.ts'
import { JOURNALED_RAID5 } from '../md/journaled_raid5.ts'
import { CREATE_RULES } from '../md/mdadm_create_check.ts'
import { OPTION_RULES } from '../md/mdadm_create_rules.ts'
import { PERSONALITIES } from '../md/personality.ts'
import { PARITY_SYNC } from '../md/parity_sync.ts'
import { RAID5_SYNC } from '../md/raid5_extent.ts'
import { RAID0 } from '../md/raid0.ts'
import { RAID1 } from '../md/raid1.ts'
import { RAID10 } from '../md/raid10.ts'
import { RAID6 } from '../md/raid6_parity.ts'
import { CHECKSUM_TARGETS } from '../checksum/targets.ts'
import { DM_REGISTRY } from '../dm/target.ts'
import { DM_TARGETS } from '../dm/targets.ts'
import { RAID_TARGETS } from '../raid/targets.ts'
import { REFUSALS } from '../shell/refusals.ts'
import { KEYWORDS, OPERATORS } from '../shell/unsupported.ts'
import { LINUX_COMMANDS } from '../shell/linux_commands.ts'
import { PSEUDO_FILES } from '../shell/namespace.ts'
import { PROC_AND_SYS } from '../shell/pseudo_files.ts'
import { COMMANDS } from './commands.ts'
import { LAB_COMMANDS } from './lab_commands.ts'

CREATE_RULES.rules = OPTION_RULES
REFUSALS.keywords = KEYWORDS
REFUSALS.operators = OPERATORS
COMMANDS.learn([...LINUX_COMMANDS, ...LAB_COMMANDS])
PERSONALITIES.learn([JOURNALED_RAID5, RAID6, RAID0, RAID1, RAID10])
PARITY_SYNC.learn([RAID5_SYNC])
DM_REGISTRY.learn([...DM_TARGETS, ...RAID_TARGETS, ...BUFIO_TARGETS, ...CHECKSUM_TARGETS])
PSEUDO_FILES.learn(PROC_AND_SYS)
