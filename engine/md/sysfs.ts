/**
 * /sys/block/mdN/md: the attributes, as they read and what writing them does.
 * @source md_sysfs_entry tables, drivers/md/md.c and raid5.c, 6.1
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { MILLISECOND } from '../sim/sim.ts'
import { Procedure } from '../sim/procedure.ts'
import { versionOf } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { MdArray } from './array.ts'
import { BITMAP_ATTRIBUTES } from './bitmap_sysfs.ts'
import { setJournalMode } from './journal_mode.ts'
import { JournaledRaid5 } from './journaled_raid5.ts'
import type { Md } from './md.ts'
import { NativeArray } from './native_array.ts'
import { readMemberAttribute, writeMemberAttribute } from './sysfs_member.ts'
import { SPEED_MAX_DEFAULT, SPEED_MIN_DEFAULT } from './sync.ts'

/** A name of what is known of one member. */
const IS_MEMBERS = /^(dev-|rd\d)[^/]*\//

export interface Attribute {
  /** Only levels that can be synced have it, or only those with parity. */
  readonly only?: 'synced' | 'parity'
  read(array: MdArray): string
  write?(array: MdArray, value: string): Result<Procedure | null>
}

const limit = (own: number | null, system: number): string => (own === null ? `${system} (system)` : `${own} (local)`)

const TABLE: Readonly<Record<string, Attribute>> = {
  array_state: { read: (array) => array.stateName },
  ...BITMAP_ATTRIBUTES,
  chunk_size: { read: (array) => String(array.geometry.chunkSectors * 512) },
  component_size: { read: (array) => String(array.memberSectors / 2) },
  consistency_policy: { read: consistencyPolicy },
  degraded: { only: 'synced', read: (array) => String(array.degraded) },
  journal_mode: { only: 'parity', read: journalModes, write: writeJournalMode },
  last_sync_action: {
    only: 'synced',
    read: (array) => (array.lastAction === 'recover' ? 'recovery' : array.lastAction),
  },
  layout: { read: (array) => String(array.layout) },
  level: { read: (array) => `raid${array.geometry.level}` },
  metadata_version: { read: (array) => (array instanceof NativeArray ? versionOf(array.superblock) : 'external:dm') },
  mismatch_cnt: { only: 'synced', read: (array) => String(array.mismatches) },
  raid_disks: { read: (array) => String(array.raidDisks) },
  resync_start: { read: (array) => (array.resyncOffset === MAX_SECTOR ? 'none' : String(array.resyncOffset)) },
  rmw_level: { only: 'parity', read: () => '1' },
  safe_mode_delay: {
    read: (array) => (array.safeModeDelay / (1000 * MILLISECOND)).toFixed(3),
    write: writeSafeModeDelay,
  },
  stripe_cache_active: { only: 'parity', read: (array) => String(activeStripes(array)) },
  stripe_cache_size: { only: 'parity', read: (array) => String(array.personality.stripes?.capacity ?? 0) },
  sync_action: { only: 'synced', read: (array) => syncAction(array), write: writeSyncAction },
  sync_completed: {
    only: 'synced',
    read: ({ sync }) => (sync === null ? 'none' : `${Math.min(sync.completed, sync.end)} / ${sync.end}`),
  },
  sync_max: { only: 'synced', read: (array) => (array.syncMax === MAX_SECTOR ? 'max' : String(array.syncMax)) },
  sync_min: { only: 'synced', read: (array) => String(array.syncMin) },
  sync_speed: { only: 'synced', read: ({ sync }) => (sync === null ? 'none' : String(sync.speed())) },
  sync_speed_max: {
    only: 'synced',
    read: (array) => limit(array.speedMax, SPEED_MAX_DEFAULT),
    write: (array, value) => writeSpeed(value, (speed) => (array.speedMax = speed)),
  },
  sync_speed_min: {
    only: 'synced',
    read: (array) => limit(array.speedMin, SPEED_MIN_DEFAULT),
    write: (array, value) => writeSpeed(value, (speed) => (array.speedMin = speed)),
  },
}

/** Names of the attributes that an array has, or of those in one of their folders. @param folder `bitmap`, or nothing */
export function attributesOf(array: MdArray, folder = ''): string[] {
  const names = Object.keys(TABLE).filter((name) => attributeOf(array, name) !== undefined)
  const prefix = folder === '' ? '' : `${folder}/`
  const inside = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length).split('/')[0])
  return [...new Set(inside)]
}

function attributeOf(array: MdArray | undefined, name: string): Attribute | undefined {
  const attribute = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined
  if (array === undefined || attribute === undefined) return undefined
  if (attribute.only === 'synced' && !array.personality.hasRedundancy) return undefined
  if (attribute.only === 'parity' && array.personality.stripes === null) return undefined
  return attribute
}

function consistencyPolicy({ bitmap, personality, journaled }: MdArray): string {
  if (journaled) return 'journal'
  if (bitmap !== null) return 'bitmap'
  return personality.hasRedundancy ? 'resync' : 'none'
}

/** One that is only cached, with its data in the journal, is at rest. */
function activeStripes({ personality }: MdArray): number {
  return personality.stripes?.active().filter(({ state }) => state !== 'idle').length ?? 0
}

/** @source r5c_journal_mode_show, drivers/md/raid5-cache.c, 6.1 */
function journalModes({ personality }: MdArray): string {
  const log = personality instanceof JournaledRaid5 ? personality.log : null
  if (log === null) return ''
  return log.writeBack ? 'write-through [write-back]' : '[write-through] write-back'
}

/** @source r5c_journal_mode_store, drivers/md/raid5-cache.c, 6.1 */
function writeJournalMode({ personality }: MdArray, value: string): Result<Procedure | null> {
  if (value !== 'write-through' && value !== 'write-back') {
    return fail('EINVAL', `journal_mode is write-through or write-back, not ${value}`)
  }
  if (!(personality instanceof JournaledRaid5)) return fail('ENODEV', 'there is no journal')
  return setJournalMode(personality, value === 'write-back')
}

/** @param array as {@link Md.find} takes it */
export function sysfsRead(md: Md, name: string, attributeName: string): Result<string> {
  const array = md.find(name)
  if (array !== undefined && IS_MEMBERS.test(attributeName)) return readMemberAttribute(array, attributeName)
  const attribute = attributeOf(array, attributeName)
  if (array === undefined || attribute === undefined) return fail('ENOENT', `no such attribute: md/${attributeName}`)
  const value = attribute.read(array)
  return ok(value === '' ? '' : `${value}\n`)
}

/** @returns a procedure to wait for where the kernel would make the writer wait. */
export function sysfsWrite(md: Md, name: string, attributeName: string, value: string): Result<Procedure | null> {
  const array = md.find(name)
  if (array !== undefined && IS_MEMBERS.test(attributeName)) return writeMemberAttribute(array, attributeName, value)
  const attribute = attributeOf(array, attributeName)
  if (array === undefined || attribute === undefined) return fail('ENOENT', `no such attribute: md/${attributeName}`)
  if (attribute.write === undefined) return fail('EPERM', `md/${attributeName} is only for reading here`)
  return attribute.write(array, value.replace(/\n$/, ''))
}

function syncAction(array: MdArray): string {
  if (array.frozen && array.sync === null) return 'frozen'
  if (array.sync !== null) return array.sync.action
  if (array.requested !== null) return array.requested
  return 'idle'
}

/** @source action_store, drivers/md/md.c, 6.1 */
function writeSyncAction(array: MdArray, value: string): Result<Procedure | null> {
  switch (value) {
    case 'idle':
    case 'frozen':
      array.frozen = value === 'frozen'
      array.requested = null
      if (array.sync === null) {
        array.recoveryNeeded = true
        array.wakeThread()
        return ok(null)
      }
      array.sync.interrupt()
      return ok(new AwaitNoSync(array))
    case 'resync':
    case 'recover':
    case 'check':
    case 'repair':
      if (array.sync !== null) return fail('EBUSY', `a ${array.sync.action} is running`)
      array.frozen = false
      if (value === 'check' || value === 'repair') array.requested = value
      array.recoveryNeeded = true
      array.wakeThread()
      return ok(null)
    default:
      return fail('EINVAL', `sync_action is one of idle, frozen, resync, recover, check, repair; not ${value}`)
  }
}

function writeSpeed(value: string, set: (speed: number | null) => void): Result<null> {
  if (value.startsWith('system')) {
    set(null)
    return ok(null)
  }
  const speed = /^\d+$/.test(value) ? Number(value) : 0
  if (speed <= 0) return fail('EINVAL', `a speed in kB/s, or the word system; not ${value}`)
  set(speed)
  return ok(null)
}

/** In Linux: HZ ticks a second, as the judge's kernel has them. */
const TICK = 10 * MILLISECOND

/** Seconds with up to three places that count; whole ticks, one at least, but 0 for never. @source safe_delay_store, md.c, 6.1 */
function writeSafeModeDelay(array: MdArray, value: string): Result<null> {
  const parts = /^(\d*)\.?(\d*)$/.exec(value)
  if (parts === null) return fail('EINVAL', `seconds, such as 0.2, or 0 for never; not ${value}`)
  const milliseconds = Number(parts[1] + parts[2].slice(0, 3).padEnd(3, '0'))
  const ticks = Math.floor((milliseconds * MILLISECOND) / TICK)
  array.setSafeModeDelay(milliseconds === 0 ? 0 : Math.max(1, ticks) * TICK, TICK)
  return ok(null)
}

/** The writer of `idle` or `frozen` waits until the sync pass has come to its end. */
class AwaitNoSync extends Procedure {
  readonly array: MdArray
  readonly pass: MdArray['sync']

  constructor(array: MdArray) {
    super(array.sim, 'look')
    this.array = array
    this.pass = array.sync
  }

  override steps() {
    return AWAIT_STEPS
  }
}

const AWAIT_STEPS = {
  look: (wait: AwaitNoSync): string => {
    if (wait.array.sync !== wait.pass || wait.pass === null) return ''
    wait.sleep(MILLISECOND / 10)
    return 'look'
  },
}
