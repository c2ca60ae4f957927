/**
 * `mdadm --add` and `--re-add` of one device: a former member returns to its slot if the kernel agrees; else a superblock is
 * written, and it is a spare.
 * @source Manage_add, attempt_re_add, Manage.c; write_init_super1, super1.c, mdadm 4.2
 */
import { STRERROR } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { BitmapSuper } from '../format/md_bitmap_super.ts'
import { ROLE_MAX, roleOf, type MdSuperblock } from '../format/md_superblock.ts'
import type { NativeArray } from '../md/native_array.ts'
import { addMember } from '../md/hot_plug.ts'
import { enough } from '../md/mdadm_enough.ts'
import { newSpareSuperblock, spareWrites } from '../md/mdadm_spare.ts'
import { formatUuid } from '../md/mdadm_names.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { Kernel } from './kernel.ts'
import { newUuid } from './mdadm_array.ts'
import { ReadMetadata, wipes, WriteMetadata } from './mdadm_metadata_io.ts'
import type { MdadmAction } from './mdadm_options.ts'

export class AddDevice extends Procedure {
  stderr: string
  added: boolean
  private readonly kernel: Kernel
  private readonly array: NativeArray
  private readonly device: BlockDevice
  private readonly path: string
  private readonly arrayPath: string
  private readonly action: MdadmAction
  private readonly cause: number
  private reading: ReadMetadata | null
  private writing: WriteMetadata | null
  /** Numbers of the members that were not yet tried as the sample. */
  private samples: number[]
  /** Superblock and bitmap of a member in sync: what a new one's are copied from. */
  private sample: MdSuperblock | null
  private sampleBitmap: BitmapSuper | null

  constructor(
    kernel: Kernel,
    array: NativeArray,
    device: BlockDevice,
    names: { readonly path: string; readonly arrayPath: string },
    action: MdadmAction,
    cause: number,
  ) {
    super(kernel.sim, 'read a sample')
    this.stderr = ''
    this.added = false
    this.kernel = kernel
    this.array = array
    this.device = device
    this.path = names.path
    this.arrayPath = names.arrayPath
    this.action = action
    this.cause = cause
    this.reading = null
    this.writing = null
    this.samples = array.members
      .filter((member) => member.inSync && !member.faulty && member.slot >= 0)
      .map((member) => member.descNr)
      .sort((a, b) => a - b)
    this.sample = null
    this.sampleBitmap = null
  }

  override steps() {
    return ADD_STEPS
  }

  /** The last thing that is to be said. */
  private say(message: string): string {
    this.stderr += `mdadm: ${message}\n`
    return DONE
  }

  readSample(): string {
    const number = this.samples.shift()
    const member = this.array.members.find((candidate) => candidate.descNr === number)
    if (member === undefined) return 'judge'
    this.reading = new ReadMetadata(this.kernel, `/dev/${member.name}`, 'header', this.cause)
    this.call(this.reading)
    return 'take the sample'
  }

  takeSample(): string {
    const superblock = this.reading?.superblock ?? null
    if (superblock === null) return 'read a sample'
    this.sample = superblock
    this.sampleBitmap = this.reading?.bitmap ?? null
    return 'judge'
  }

  judge(): string {
    const { sample, array, path } = this
    if (sample === null && this.action !== 're-add') {
      return this.say(`cannot load array metadata from ${this.arrayPath}`)
    }
    if (sample !== null && this.device.sectors - sample.data_offset < array.memberSectors) {
      return this.say(`${path} not large enough to join array`)
    }
    this.reading = new ReadMetadata(this.kernel, path, 'none', this.cause)
    this.call(this.reading)
    return 'try to re-add'
  }

  tryToReAdd(): string {
    const { array, sample, path, arrayPath, device } = this
    const own = this.reading?.fault === '' ? this.reading.superblock : null
    if (own !== null && this.action !== 'add-spare' && this.mayReturn(own, sample)) {
      if (addMember(array, device, own, true).ok) {
        this.added = true
        return this.say(`re-added ${path}`)
      }
    }
    if (this.action === 're-add') return this.say(`--re-add for ${path} to ${arrayPath} is not possible`)
    const inSync = array.slots.map((member) => member !== null && member.inSync && !member.faulty)
    const { level, raidDisks } = array.geometry
    if (!enough({ level, layout: array.layout, raidDisks }, true, inSync)) {
      this.say(`${arrayPath} has failed so using --add cannot work and might destroy`)
      return this.say(`data on ${path}.  You should stop the array and re-assemble it.`)
    }
    return 'write a superblock'
  }

  /** Whether it is worth asking the kernel: it had a slot in this array, and its number is free. */
  private mayReturn(own: MdSuperblock, sample: MdSuperblock | null): boolean {
    const { array } = this
    const uuid = formatUuid((sample ?? array.superblock).set_uuid)
    return (
      roleOf(own) < ROLE_MAX &&
      formatUuid(own.set_uuid) === uuid &&
      array.members.every((member) => member.descNr !== own.dev_number)
    )
  }

  writeSuperblock(): string {
    const { sample, array, device } = this
    if (sample === null) return DONE
    let number = array.raidDisks
    while (array.members.some((member) => member.descNr === number)) number++
    const superblock = newSpareSuperblock(sample, this.sampleBitmap, {
      number,
      sectors: device.sectors,
      uuid: newUuid(this.kernel, device.name),
    })
    const wipe = wipes(this.reading?.found ?? [])
    const writes = [...wipe, ...spareWrites(superblock, this.sampleBitmap)]
    this.writing = new WriteMetadata(this.kernel, this.path, writes, this.cause)
    this.call(this.writing)
    return 'read it back'
  }

  readBack(): string {
    if (this.writing?.error) {
      return this.say(`Failed to write metadata to ${this.path}: ${STRERROR[this.writing.error]}`)
    }
    this.reading = new ReadMetadata(this.kernel, this.path, 'none', this.cause)
    this.call(this.reading)
    return 'add'
  }

  add(): string {
    const superblock = this.reading?.superblock ?? null
    if (superblock === null) return this.say(`add new device failed for ${this.path}: ${STRERROR.EINVAL}`)
    const added = addMember(this.array, this.device, superblock, false)
    if (!added.ok) {
      return this.say(`add new device failed for ${this.path} as ${superblock.dev_number}: ${STRERROR[added.errno]}`)
    }
    this.added = true
    return this.say(`added ${this.path}`)
  }
}

const ADD_STEPS = {
  'read a sample': (add: AddDevice) => add.readSample(),
  'take the sample': (add: AddDevice) => add.takeSample(),
  judge: (add: AddDevice) => add.judge(),
  'try to re-add': (add: AddDevice) => add.tryToReAdd(),
  'write a superblock': (add: AddDevice) => add.writeSuperblock(),
  'read it back': (add: AddDevice) => add.readBack(),
  add: (add: AddDevice) => add.add(),
}
