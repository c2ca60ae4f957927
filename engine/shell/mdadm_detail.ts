/** `mdadm --detail` of one array: what the kernel says of it, and the superblock of a member that works. */
import { MAX_SECTOR } from '../format/struct.ts'
import { versionOf } from '../format/md_superblock.ts'
import type { NativeArray } from '../md/native_array.ts'
import { detailText, type ArrayDetail, type DetailMember, type DetailSync } from '../md/detail_text.ts'
import type { Member } from '../md/member.ts'
import { formatUuid } from '../md/mdadm_names.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { Kernel } from './kernel.ts'
import { HOMEHOST, runningArray } from './mdadm_array.ts'
import { ReadMetadata } from './mdadm_metadata_io.ts'

export class DetailReport extends Procedure {
  text: string
  private readonly kernel: Kernel
  private readonly path: string
  private readonly brief: boolean
  private readonly cause: number
  private array: NativeArray | undefined
  private candidates: string[]
  private reading: ReadMetadata | null

  /** @param brief one line, as the configuration file has it. */
  constructor(kernel: Kernel, path: string, brief: boolean, cause: number) {
    super(kernel.sim, 'find it')
    this.text = ''
    this.kernel = kernel
    this.path = path
    this.brief = brief
    this.cause = cause
    this.array = undefined
    this.candidates = []
    this.reading = null
  }

  override steps() {
    return DETAIL_STEPS
  }

  find(): string {
    this.array = runningArray(this.kernel, this.path)
    if (this.array === undefined) return DONE
    this.candidates = this.array.members
      .filter((member) => member.inSync && !member.faulty && member.slot >= 0)
      .sort((a, b) => a.descNr - b.descNr)
      .map((member) => `/dev/${member.name}`)
    return 'read a superblock'
  }

  readSuperblock(): string {
    const path = this.candidates.shift()
    if (path === undefined) {
      this.reading = null
      return 'report'
    }
    this.reading = new ReadMetadata(this.kernel, path, 'none', this.cause)
    this.call(this.reading)
    return 'report'
  }

  report(): string {
    const { array, reading } = this
    if (array === undefined) return DONE
    const superblock = reading?.superblock ?? null
    if (superblock === null && this.candidates.length > 0) return 'read a superblock'
    const identity =
      superblock === null
        ? undefined
        : { setName: superblock.set_name, uuid: superblock.set_uuid, events: superblock.events }
    if (!this.brief) {
      this.text = detailText(arrayDetail(this.kernel, array, this.path, identity))
      return DONE
    }
    const spares = array.members.filter((member) => member.slot < 0 && !member.faulty && !member.isJournal).length
    const name = identity === undefined ? '' : ` name=${identity.setName} UUID=${formatUuid(identity.uuid)}`
    this.text = `ARRAY ${this.path} metadata=${versionOf(array.superblock)}${spares > 0 ? ` spares=${spares}` : ''}${name}\n`
    return DONE
  }
}

const DETAIL_STEPS = {
  'find it': (detail: DetailReport) => detail.find(),
  'read a superblock': (detail: DetailReport) => detail.readSuperblock(),
  report: (detail: DetailReport) => detail.report(),
}

function arrayDetail(kernel: Kernel, array: NativeArray, path: string, identity: ArrayDetail['identity']): ArrayDetail {
  const { geometry, superblock, members } = array
  return {
    path,
    homehost: HOMEHOST,
    version: versionOf(superblock),
    level: geometry.level,
    layout: array.layout,
    stateName: array.stateName,
    chunkKib: geometry.chunkSectors / 2,
    raidDevices: array.raidDisks,
    arrayKib: Math.floor(array.sectors / 2),
    memberKib: Math.floor(array.memberSectors / 2),
    ctimeSeconds: superblock.ctime,
    utimeSeconds: Math.max(superblock.utime, ...members.map((member) => member.superblock.utime)),
    clean: array.inSync,
    bitmap: array.bitmap !== null,
    journaled: array.journaled,
    sync: syncShown(kernel, array),
    identity,
    members: members.map(detailMember),
  }
}

function detailMember(member: Member): DetailMember {
  const { device, descNr, slot, faulty, inSync } = member
  return {
    name: `/dev/${device.kernelName}`,
    major: device.major,
    minor: device.minor,
    number: descNr,
    slot: slot >= 0 ? slot : undefined,
    state: member.isJournal
      ? faulty
        ? 'faulty journal'
        : 'journal'
      : faulty
        ? 'faulty'
        : inSync
          ? 'in sync'
          : 'spare',
    writeMostly: member.writeMostly,
  }
}

/** What /proc/mdstat says of this array's progress: mdadm looks there. */
function syncShown(kernel: Kernel, array: NativeArray): DetailSync | undefined {
  const { sync } = array
  if (sync === null) {
    const pending = array.resyncOffset < MAX_SECTOR && array.degraded === 0
    return pending ? { action: 'resync', state: 'pending', percent: 0 } : undefined
  }
  const section = kernel.md
    .mdstat()
    .split('\n\n')
    .find((text) => text.includes(`${array.name} :`))
  const percent = Number(/ = +(\d+)\.\d%/.exec(section ?? '')?.[1] ?? 0)
  const action = sync.action === 'recover' ? 'recovery' : sync.action === 'check' ? 'check' : 'resync'
  return { action, state: 'running', percent }
}
