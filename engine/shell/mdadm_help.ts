/** What `mdadm --help` says; only what is simulated. */
import type { MdadmMode } from './mdadm_options.ts'

const MODE_HELP: Readonly<Record<MdadmMode, string>> = {
  create: `Usage: mdadm --create /dev/mdN --level=4|5 --raid-devices=N [options] devices or 'missing'
  --metadata=1.0|1.1|1.2    where the superblocks lie: at the end, at the start, at 4 KiB (by itself)
  --level= -l               raid4 or raid5
  --raid-devices= -n        active devices; --spare-devices= -x adds spares
  --chunk= -c               in KiB, a power of two; 512 if not given
  --layout= -p              left-symmetric (the default), left-asymmetric, right-..., parity-first, parity-last
  --bitmap= -b              internal or none; --bitmap-chunk= says how much one bit covers
  --write-journal=          a device that all writes go through, instead of a bitmap
  --assume-clean            no initial resync or recovery
  --force -f                all devices active at once, parity is made by a resync
  --run -R                  do not ask, go on
  --uuid= -u, --name= -N    of the array
`,
  assemble: `Usage: mdadm --assemble /dev/mdN [--run] [--force] [--uuid=UUID] devices
       mdadm --assemble --scan
  --run -R      start although members are missing
  --force -f    take in members that are behind, start a dirty degraded array, or one without its journal (read-only)
`,
  manage: `Usage: mdadm /dev/mdN --add|--re-add|--fail|--remove devices ...
  --add -a      a spare, or a member that returns
  --re-add      a member that returns to its slot
  --fail -f     declare a member failed
  --remove      take out a failed member or a spare; 'failed' and 'detached' stand for all such
`,
  misc: `Usage: mdadm --detail|--examine|--examine-bitmap|--query|--stop|--run|--wait|--zero-superblock devices
       mdadm --action=idle|frozen|check|repair /dev/mdN
`,
}

/** @param mode null for all. */
export function helpText(mode: MdadmMode | null): string {
  if (mode !== null) return MODE_HELP[mode]
  return 'mdadm creates, assembles, manages and examines md arrays.\n' + Object.values(MODE_HELP).join('\n')
}
