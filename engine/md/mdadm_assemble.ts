/**
 * What `mdadm --assemble` decides: which of the devices it was given make the array, in which order the kernel gets them, which
 * superblocks `--force` rewrites before, and whether the array is run at all.
 *
 * The most recent superblock of an active member is believed. For each slot the newest device that claims it stands for it; it
 * counts if its events are at most one behind. The kernel is given all of them, those that are behind too, in the order of
 * slots; last of all the one whose superblock it is to believe.
 * @source load_devices, force_array, Assemble, start_array, Assemble.c, mdadm 4.2
 */
import {
  FEATURE_JOURNAL,
  FEATURE_RECOVERY_OFFSET,
  FEATURE_REPLACEMENT,
  ROLE_FAULTY,
  ROLE_JOURNAL,
  ROLE_MAX,
  ROLE_SPARE,
  roleOf,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { enough } from './mdadm_enough.ts'

export interface AssembleCandidate {
  readonly path: string
  readonly superblock: MdSuperblock
}

export interface AssembleOptions {
  /** The array as it was named. */
  readonly path: string
  readonly force: boolean
  readonly run: boolean
  /** The devices were found, not named: a degraded array is started without asking. */
  readonly scan: boolean
}

/** A superblock to be rewritten: position of the candidate, and what it is to say. */
export interface ForcedSuperblock {
  readonly candidate: number
  readonly superblock: MdSuperblock
}

export interface AssemblePlan {
  /** Positions of the candidates, in the order in which the kernel gets them. */
  readonly order: readonly number[]
  readonly rewrites: readonly ForcedSuperblock[]
  /** What is said before the array is run. */
  readonly stderr: string
  /** False if the array is not started: then `summary` says why. */
  readonly run: boolean
  /** The array is not to be written to. */
  readonly readOnly: boolean
  /** The last line: that it was started, or why not. */
  readonly summary: string
  /** What is said if the kernel refuses. */
  readonly hint: string
}

interface Device extends AssembleCandidate {
  superblock: MdSuperblock
  uptodate: boolean
  readonly role: number
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

class Assembly {
  readonly options: AssembleOptions
  readonly devices: Device[]
  /** The position of the device for each slot, and after each of its replacement's; after the slots, the spares. */
  readonly best: number[]
  readonly mostRecent: number
  readonly level: number
  readonly layout: number
  readonly raidDisks: number
  readonly available: boolean[]
  clean: boolean
  active = 0
  spares = 0
  journals = 0
  /** A journal is there, and as new as the rest. */
  journalClean = false
  rebuilding = 0
  stderr = ''
  readonly rewritten = new Set<number>()

  constructor(candidates: readonly AssembleCandidate[], options: AssembleOptions) {
    this.options = options
    this.devices = candidates.map((one) => ({ ...one, uptodate: false, role: roleOf(one.superblock) }))
    this.mostRecent = this.findMostRecent()
    const { level, layout, raid_disks, resync_offset } = this.devices[this.mostRecent].superblock
    this.level = level
    this.layout = layout
    this.raidDisks = raid_disks
    this.clean = resync_offset === MAX_SECTOR
    this.available = new Array<boolean>(raid_disks).fill(false)
    this.best = this.chooseBest()
  }

  /** What is written is in a journal. */
  get wantsJournal(): boolean {
    return (this.devices[this.mostRecent].superblock.feature_map & FEATURE_JOURNAL) !== 0
  }

  events(device: number): number {
    return this.devices[device].superblock.events
  }

  say(line: string): void {
    this.stderr += `mdadm: ${line}\n`
  }

  private findMostRecent(): number {
    let found = -1
    this.devices.forEach(({ role, superblock }, i) => {
      if (role < ROLE_MAX && !isReplacement(superblock) && (found < 0 || this.events(i) > this.events(found))) found = i
    })
    return Math.max(0, found)
  }

  private chooseBest(): number[] {
    const slots = new Array<number>(2 * this.raidDisks).fill(-1)
    const others: number[] = []
    this.devices.forEach(({ role, superblock }, i) => {
      const place = 2 * role + (isReplacement(superblock) ? 1 : 0)
      if (role >= this.raidDisks) others.push(i)
      else if (slots[place] < 0 || this.events(i) > this.events(slots[place])) slots[place] = i
    })
    return [...slots, ...others]
  }

  /** Counts those that are up to date, and drops those that take the most recent for failed. */
  count(): void {
    const newest = this.events(this.mostRecent)
    const { role: newestRole, path: newestPath } = this.devices[this.mostRecent]
    this.best.forEach((j, place) => {
      if (j < 0) return
      const device = this.devices[j]
      const { superblock, role, path } = device
      if (role >= ROLE_MAX && (role !== ROLE_JOURNAL || !this.wantsJournal)) {
        if (role !== ROLE_FAULTY) {
          device.uptodate = true
          this.spares++
        }
        return
      }
      const knowsNewest = newestRole >= ROLE_MAX || superblock.dev_roles.includes(newestRole)
      if (j !== this.mostRecent && !this.options.force && !knowsNewest) {
        this.say(`ignoring ${path} as it reports ${newestPath} as failed`)
        this.best[place] = -1
        return
      }
      if (role === ROLE_JOURNAL) this.journals++
      if (superblock.events + 1 < newest || superblock.events > newest) return
      device.uptodate = true
      if (role === ROLE_JOURNAL) {
        this.journalClean = true
        return
      }
      if (place >= 2 * this.raidDisks) this.spares++
      else if (recovering(superblock)) this.rebuilding++
      else if (!this.available[place >> 1]) {
        this.available[place >> 1] = true
        this.active++
      }
    })
  }

  /** Takes in members that are behind, the newest first, until there are enough. */
  forceMembers(): void {
    while (!enough(this, true, this.available)) {
      const candidates = this.best
        .slice(0, 2 * this.raidDisks)
        .filter(
          (j, place) =>
            place % 2 === 0 && j >= 0 && !this.devices[j].uptodate && !recovering(this.devices[j].superblock),
        )
      if (candidates.length === 0) break
      const newest = Math.max(...candidates.map((j) => this.events(j)))
      // All of the same vintage come together.
      for (const j of candidates.filter((one) => this.events(one) === newest)) {
        const device = this.devices[j]
        const events = this.events(this.mostRecent)
        this.say(
          `forcing event count in ${device.path}(${device.role}) from ${device.superblock.events} up to ${events}`,
        )
        device.superblock = { ...device.superblock, events }
        device.uptodate = true
        this.rewritten.add(j)
        // It is the position in the list that is marked here, as mdadm 4.2 does; with all devices in order it is the slot.
        if (j < this.raidDisks) this.available[j] = true
        this.active++
      }
    }
  }

  /** The device that the kernel is to believe; mdadm looks at the slots, not at replacements, and at every second spare. */
  chosen(): number {
    const newest = this.events(this.mostRecent)
    const found = this.best
      .filter((_, place) => place % 2 === 0)
      .find((j) => j >= 0 && this.devices[j].uptodate && this.events(j) >= newest)
    return found ?? -1
  }

  /** Makes the chosen superblock agree with who is there; written only with --force. */
  agree(chosen: number): void {
    const { path, force } = this.options
    const device = this.devices[chosen]
    const dev_roles = [...device.superblock.dev_roles]
    let changed = false
    this.best.forEach((j, place) => {
      if (j < 0 || !this.devices[j].uptodate) return
      const { superblock, path: name } = this.devices[j]
      if (superblock.resync_offset !== MAX_SECTOR) this.clean = false
      const own = this.devices[j].role === ROLE_JOURNAL ? ROLE_JOURNAL : ROLE_SPARE
      const wanted = place < 2 * this.raidDisks ? place >> 1 : own
      if (dev_roles[superblock.dev_number] === wanted) return
      dev_roles[superblock.dev_number] = wanted
      if (force) {
        this.say(`clearing FAULTY flag for device ${j} in ${path} for ${name}`)
        changed = true
      } else this.say(`device ${place} in ${path} has wrong state in superblock, but ${name} seems ok`)
    })
    let resync_offset = device.superblock.resync_offset
    if (force && !this.clean && !enough(this, false, this.available)) {
      if (resync_offset !== MAX_SECTOR) changed = true
      resync_offset = MAX_SECTOR
      this.clean = true
    }
    if (!changed) return
    device.superblock = { ...device.superblock, dev_roles, resync_offset }
    this.rewritten.add(chosen)
    this.say(`Marking array ${path} as 'clean'`)
  }

  /** ` and 1 rebuilding and 2 spares`. */
  private extras(): string {
    const rebuilding = this.rebuilding > 0 ? `${this.spares > 0 ? ',' : ' and'} ${this.rebuilding} rebuilding` : ''
    return rebuilding + (this.spares > 0 ? ` and ${plural(this.spares, 'spare')}` : '')
  }

  /** How many members were in sync when the chosen superblock was written: so many have to be here, unless told otherwise. */
  private required(chosen: number): number {
    return this.devices[chosen].superblock.dev_roles.filter((role) => role < this.raidDisks).length
  }

  finish(chosen: number): AssemblePlan {
    const { path, run, force, scan } = this.options
    const { raidDisks, available, active } = this
    const required = this.required(chosen)
    const possible = enough(this, this.clean, available)
    const start = run || (possible && (active + this.rebuilding >= required || force || scan))
    const order = [...this.best.filter((j) => j >= 0 && j !== chosen), chosen]
    let summary: string
    let hint = ''
    const lacksJournal = this.wantsJournal && !this.journalClean
    if (lacksJournal && !force) {
      summary = 'Not safe to assemble with missing or stale journal device, consider --force.'
      return { order, rewrites: [], stderr: this.stderr, run: false, readOnly: false, summary, hint }
    }
    if (lacksJournal) this.say('Journal is missing or stale, starting array read only.')
    if (start) {
      const outOf = active < raidDisks ? ` (out of ${raidDisks})` : ''
      summary = `${path} has been started with ${plural(active, 'drive')}${outOf}${this.extras()}${this.journalClean ? ` and ${this.journals} journal` : ''}.`
      if (!enough(this, true, available)) hint = 'Not enough devices to start the array.'
      else if (!possible) hint = 'Not enough devices to start the array while not clean - consider --force.'
    } else {
      let why = ` - need ${required === raidDisks ? `all ${required} to start it` : `${required} to start`} (use --run to insist).`
      if (!enough(this, true, available)) why = ' - not enough to start the array.'
      else if (!possible) why = ' - not enough to start the array while not clean - consider --force.'
      summary = `${path} assembled from ${plural(active, 'drive')}${this.extras()}${why}`
    }
    const rewrites = [...this.rewritten].map((candidate) => ({
      candidate,
      superblock: this.devices[candidate].superblock,
    }))
    return { order, rewrites, stderr: this.stderr, run: start, readOnly: lacksJournal, summary, hint }
  }
}

function isReplacement({ feature_map }: MdSuperblock): boolean {
  return (feature_map & FEATURE_REPLACEMENT) !== 0
}

function recovering(superblock: MdSuperblock): boolean {
  return (superblock.feature_map & FEATURE_RECOVERY_OFFSET) !== 0
}

/**
 * @param candidates devices of one array, at least one
 * @returns the plan, or null if there is no superblock that the kernel could believe
 */
export function planAssembly(candidates: readonly AssembleCandidate[], options: AssembleOptions): AssemblePlan | null {
  const assembly = new Assembly(candidates, options)
  assembly.count()
  if (options.force) assembly.forceMembers()
  const chosen = assembly.chosen()
  if (chosen < 0) return null
  assembly.agree(chosen)
  return assembly.finish(chosen)
}
