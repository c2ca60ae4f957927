/** For crash tests of arrays: small arrays under an oracle, and what a judge finds in their members after a cut. */
import { Geometry } from '../md/geometry.ts'
import { addShadow, readDevice } from './crash_fixture.ts'
import { say, setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { mirrorGeometry } from './mirror_judge.ts'
import { inconsistentRows, readMembers, ROW_BYTES, uncoveredRows, type MemberImage } from './raid5_judge.ts'
import type { ShadowDevice } from './shadow_device.ts'

const NAMES = ['sda', 'sdb', 'sdc', 'sdd', 'sde', 'sdf']

/** These tests try thousands of states; a machine that has much else to do may take long over them. */
export const PATIENCE_MS = 600_000

export interface ArrayOptions {
  readonly members: number
  /** KiB; 0 for a level without chunks. */
  readonly chunk: number
  /** The words of `mdadm --create` that say what array it is. */
  readonly extra: string
  readonly model?: string
  /** The model of the last disk, which is then a slow member (write-mostly). */
  readonly slow?: string
  /** Of each disk; one MiB of it is metadata. */
  readonly size?: string
}

/** The first disks, by name. */
export function diskNames(count: number): string[] {
  return NAMES.slice(0, count)
}

export function paths(names: readonly string[]): string {
  return names.map((name) => `/dev/${name}`).join(' ')
}

/** An array of zeros, assumed clean, at rest, that is assembled when the power comes back; the oracle lies over it. */
export function makeArray(options: ArrayOptions, seed: number): Machine {
  const { members, chunk, extra, model = 'ideal', slow, size = '1104K' } = options
  const machine = testMachine({ seed })
  const names = diskNames(members)
  const given =
    slow === undefined ? paths(names) : `${paths(names.slice(0, -1))} --write-mostly ${paths(names.slice(-1))}`
  setUp(
    machine,
    [
      ...names.map((name, i) => `disk create ${name} ${size} --model ${i === members - 1 ? (slow ?? model) : model}`),
      `mdadm --create /dev/md0 --metadata=1.2 --raid-devices=${members} ${chunk > 0 ? `--chunk=${chunk} ` : ''}${extra} --assume-clean --run ${given}`,
      `boot set <<'END'\nmdadm --assemble /dev/md0 ${paths(names)}\nEND`,
      // A new array's bitmap is all ones for a while.
      'settle\nrun 30s',
    ].join('\n'),
  )
  addShadow(machine, 'md0')
  return machine
}

/** The rows in which sectors of the array lie: of each member, but for mirrors of the array. */
export function rowsOf(members: readonly MemberImage[], sectors: readonly number[]): Set<number> {
  const isMirror = mirrorGeometry(members) !== undefined
  const geometry = isMirror ? null : geometryOf(members)
  const rowOf = (sector: number): number => Math.floor(sector / (ROW_BYTES / 512))
  return new Set(sectors.map((sector) => rowOf(geometry === null ? sector : geometry.locate(sector).sector)))
}

export function geometryOf(members: readonly MemberImage[]): Geometry {
  const { level, layout, raid_disks, chunksize } = members[0].superblock
  return new Geometry({ level: level as 4 | 5, layout, raidDisks: raid_disks, chunkSectors: chunksize })
}

/** What the members of an array without power hold. */
export interface Remains {
  /** Of every member; see {@link latecomers}. */
  readonly events: readonly number[]
  /** Rows whose parity is wrong. */
  readonly inconsistent: readonly number[]
  /** Of these the ones that no bitmap (or superblock) would have resynced. */
  readonly uncovered: readonly number[]
}

export function remainsOf(machine: Machine): Remains {
  // Every member has a say, also one that an assembly would leave out.
  const members = readMembers(machine, Infinity)
  const inconsistent = inconsistentRows(members)
  const events = members.map((member) => member.superblock.events)
  return { events, inconsistent, uncovered: inconsistent.length === 0 ? [] : uncoveredRows(members) }
}

/**
 * The slots of members whose superblock is more than one update behind. Linux has this hole: a cut in the middle of an update leaves
 * some members one behind, they are taken all the same, and a second cut in the middle of the next update makes them two behind.
 * Such an array does not start by itself.
 */
export function latecomers({ events }: Remains): number[] {
  const newest = Math.max(...events)
  return [...events.keys()].filter((slot) => events[slot] + 1 < newest)
}

/** What is wrong with an array that has recovered: empty, if nothing is. */
export interface Verdict {
  /** Sectors that hold what no crash may have left there. */
  readonly wrongSectors: readonly number[]
  /** Rows whose parity is wrong. */
  readonly inconsistent: readonly number[]
}

export const FLAWLESS: Verdict = { wrongSectors: [], inconsistent: [] }

/** Switches on and lets the array recover. The members' media are read past the array, which is not asked for its opinion. */
export function recover(machine: Machine, shadow: ShadowDevice, lines = 'power on\nsettle'): Verdict {
  setUp(machine, lines)
  return judge(machine, shadow)
}

/**
 * The same for an array with {@link latecomers}, which must not start by itself. `mdadm --force` counts them up if there are not
 * enough members without them, or else leaves out the one there is, which is then added.
 */
export function recoverByForce(machine: Machine, shadow: ShadowDevice): Verdict {
  const names = machine.disks().map(({ name }) => name)
  const { status } = say(machine, 'power on')
  if (status === 0) throw new Error('an array was started although members of it are two updates behind')
  setUp(machine, `mdadm --assemble --force --run /dev/md0 ${paths(names)}`)
  const members = machine.kernel.md.find('md0')?.members ?? []
  const out = names.filter((name) => !members.some((member) => member.name === name))
  setUp(machine, out.length === 0 ? 'settle' : `mdadm --add /dev/md0 ${paths(out)}\nsettle`)
  return judge(machine, shadow)
}

/** Judges a running array, which must be at rest. */
export function judge(machine: Machine, shadow: ShadowDevice): Verdict {
  const wrongSectors = shadow.wrongSectors(readDevice(machine, 'md0'))
  machine.flushDisks()
  return { wrongSectors, inconsistent: inconsistentRows(readMembers(machine)) }
}

/** What the array itself finds when it checks its parity: sectors. */
export function mismatches(machine: Machine): number {
  setUp(machine, 'echo check > /sys/block/md0/md/sync_action\nsettle')
  return Number(say(machine, 'cat /sys/block/md0/md/mismatch_cnt').stdout)
}

/** The same of the raid target `r`. */
export function targetMismatches(machine: Machine): number {
  setUp(machine, 'dmsetup message r 0 check\nsettle')
  return Number(say(machine, 'dmsetup status r').stdout.split(' ')[8])
}
