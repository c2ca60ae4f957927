/**
 * `mdadm --create`: looks at the devices, writes a superblock and a bitmap to each, and has the kernel run what it then finds.
 * @source Create, Create.c; write_init_super1, super1.c, mdadm 4.2
 */
import { STRERROR } from '../base/errno.ts'
import { EmptyArray, findEmptyArray } from '../md/empty_array.ts'
import { checkCreate, runFailed, type CreateDevice, type CreateWord } from '../md/mdadm_create_check.ts'
import { parseCreate, type CreateRequest } from '../md/mdadm_create_options.ts'
import { DEFAULT_CHUNK_KIB, layOutNewArray, type NewArray } from '../md/mdadm_layout.ts'
import { ROLE_JOURNAL } from '../format/md_superblock.ts'
import { PERSONALITIES } from '../md/personality.ts'
import { arrayName, newMemberWrites, setName, type NewIdentity } from '../md/mdadm_metadata.ts'
import { RunArray, type OfferedMember } from '../md/run_array.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { arrayMinor, badArrayName, ENDING_TIME, HOMEHOST, isBusy, newUuid, secondsNow } from './mdadm_array.ts'
import { ReadMetadata, wipes, WriteMetadata } from './mdadm_metadata_io.ts'
import { findDevice, listDirectory, openFile } from './namespace.ts'

export class MdadmCreate extends CommandRun {
  private request: CreateRequest | null
  /** The words of the device list, with what is known of each so far. */
  private readonly words: CreateWord[]
  private next: number
  private reading: ReadMetadata | null
  private plan: NewArray | null
  private identity: NewIdentity | null
  private writing: WriteMetadata | null
  private readonly offered: OfferedMember[]
  private running: RunArray | null

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'read the words')
    this.request = null
    this.words = []
    this.next = 0
    this.reading = null
    this.plan = null
    this.identity = null
    this.writing = null
    this.offered = []
    this.running = null
  }

  override steps() {
    return CREATE_STEPS
  }

  private get path(): string {
    return this.request?.names[0] ?? ''
  }

  private end(status: number, stderr: string): string {
    this.stderr += stderr
    this.status = status
    return DONE
  }

  /** Ends where mdadm has had the kernel make the array's device already, which stays. */
  private giveUp(stderr: string): string {
    const { kernel } = this.world
    if (findEmptyArray(kernel.devices, this.path) === undefined) {
      kernel.devices.add(new EmptyArray(kernel.sim, this.minor()))
    }
    return this.end(1, stderr)
  }

  readWords(): string {
    const request = parseCreate(this.argv.slice(1))
    if (!request.ok) return this.end(request.status, request.stderr)
    this.request = request
    const minor = arrayMinor(this.path)
    if (!minor.ok) return this.refuse(badArrayName(this.world.kernel, this.path, minor.message))
    return 'look at a device'
  }

  /** What there is by this name, and the array that it belonged to. */
  lookAtDevice(): string {
    const name = this.request?.names[this.next + 1]
    if (name === undefined) return 'judge'
    if (name === 'missing') {
      this.words.push('missing')
      this.next++
      return 'look at a device'
    }
    const device = findDevice(this.world.kernel, name)
    if (device === undefined) {
      this.words.push({ name, state: isSomething(this.world, name) ? 'no block device' : 'absent', sectors: 0 })
    } else if (isBusy(device)) {
      this.words.push({ name, state: 'busy', sectors: device.sectors })
    } else {
      this.reading = new ReadMetadata(this.world.kernel, name, 'none', this.cause)
      this.call(this.reading)
      return 'see what it was'
    }
    this.next++
    return 'look at a device'
  }

  seeWhatItWas(): string {
    const { reading } = this
    if (reading === null || reading.device === undefined) return 'judge'
    const { superblock, path, device } = reading
    const word: CreateDevice = { name: path, state: 'free', sectors: device.sectors }
    if (superblock === null) this.words.push(word)
    else {
      const { level, raid_disks: raidDevices, ctime: ctimeSeconds } = superblock
      this.words.push({ ...word, previous: { level, raidDevices, ctimeSeconds, superblocks: reading.found } })
    }
    this.next++
    return 'look at a device'
  }

  judge(): string {
    const { request, words } = this
    if (request === null) return DONE
    const { options, metadataGiven } = request
    const verdict = checkCreate(options, words, metadataGiven)
    const inUse = this.world.kernel.md.find(`md${this.minor()}`) !== undefined
    if (!verdict.ok && !verdict.made) return this.end(verdict.status, verdict.stderr)
    if (inUse) return this.refuse(`${this.path} is already in use.`)
    if (!verdict.ok && !verdict.written) return this.giveUp(verdict.stderr)
    // The refusal that comes from the kernel is the kernel's to speak, when the superblocks are written.
    this.stderr += verdict.ok ? verdict.stderr : withoutLast(verdict.stderr)
    this.plan = layOutNewArray(
      options,
      words.map((word) => (word === 'missing' ? undefined : word.sectors)),
    )
    this.identity = {
      setUuid: options.uuid ?? newUuid(this.world.kernel, `md${this.minor()}`),
      setName: setName(options.name ?? arrayName(this.path), HOMEHOST),
      seconds: secondsNow(this.world.kernel),
    }
    this.next = 0
    return 'write a member'
  }

  writeMember(): string {
    const { plan, identity } = this
    const member = plan?.members[this.next]
    if (plan === null || identity === null || member === undefined) {
      this.next = 0
      return 'read a member'
    }
    const word = this.words[member.device]
    if (word === 'missing') return DONE
    const writes = newMemberWrites(plan, member, identity, newUuid(this.world.kernel, word.name))
    if (member.role === ROLE_JOURNAL) {
      const log = PERSONALITIES.find(plan.level, true)?.newLog?.(
        identity.setUuid,
        this.sim.chance('mdadm journal').uint32(),
      )
      if (log !== undefined) writes.push({ sector: plan.dataOffset, bytes: log })
    }
    // An old superblock is wiped first, so that at no time an old array could be assembled with a new member.
    const old = wipes(word.previous?.superblocks ?? [])
    this.writing = new WriteMetadata(this.world.kernel, word.name, [...old, ...writes], this.cause)
    this.call(this.writing)
    return 'written'
  }

  written(): string {
    const word = this.words[this.plan?.members[this.next].device ?? 0]
    if (this.writing === null || word === 'missing') return DONE
    if (this.writing.error !== null) {
      return this.giveUp(`mdadm: Failed to write metadata to ${word.name}: ${STRERROR[this.writing.error]}\n`)
    }
    this.next++
    return 'write a member'
  }

  /** The kernel reads what it is given. */
  readMember(): string {
    const member = this.plan?.members[this.next]
    if (member === undefined) return 'run'
    const word = this.words[member.device]
    if (word === 'missing') return DONE
    this.reading = new ReadMetadata(this.world.kernel, word.name, 'none', this.cause, this.request?.options.minor)
    this.call(this.reading)
    return 'offer'
  }

  offer(): string {
    const { reading } = this
    if (reading === null) return DONE
    const { device, superblock, fault, path } = reading
    if (device === undefined || superblock === null || fault !== '') {
      return this.giveUp(`mdadm: ADD_NEW_DISK for ${path} failed: ${fault === '' ? 'Input/output error' : fault}\n`)
    }
    this.offered.push({ device, superblock })
    this.next++
    return 'read a member'
  }

  run(): string {
    this.running = new RunArray(this.world.kernel.md, this.minor(), this.offered, this.cause)
    this.call(this.running)
    return 'tell'
  }

  tell(): string {
    const failure = this.running?.failure ?? null
    if (failure === null) {
      this.sleep(ENDING_TIME)
      return this.end(0, `mdadm: array ${this.path} started.\n`)
    }
    return this.end(1, runFailed(STRERROR[failure.errno], this.request?.options.chunkKib ?? DEFAULT_CHUNK_KIB))
  }

  private minor(): number {
    const minor = arrayMinor(this.path)
    return minor.ok ? minor.value : 0
  }
}

const CREATE_STEPS = {
  'read the words': (create: MdadmCreate) => create.readWords(),
  'look at a device': (create: MdadmCreate) => create.lookAtDevice(),
  'see what it was': (create: MdadmCreate) => create.seeWhatItWas(),
  judge: (create: MdadmCreate) => create.judge(),
  'write a member': (create: MdadmCreate) => create.writeMember(),
  written: (create: MdadmCreate) => create.written(),
  'read a member': (create: MdadmCreate) => create.readMember(),
  offer: (create: MdadmCreate) => create.offer(),
  run: (create: MdadmCreate) => create.run(),
  tell: (create: MdadmCreate) => create.tell(),
}

/** Whether something that is no block device has this name. */
function isSomething(world: World, path: string): boolean {
  return listDirectory(world.kernel, path) !== null || openFile(world.kernel, path, {}, 0).ok
}

/** What was printed before the message about RUN_ARRAY. */
function withoutLast(stderr: string): string {
  const at = stderr.indexOf('mdadm: RUN_ARRAY failed')
  return at < 0 ? stderr : stderr.slice(0, at)
}
