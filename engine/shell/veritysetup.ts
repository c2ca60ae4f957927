/**
 * `veritysetup`: makes the hash tree of a device, checks it, and has the kernel check what is read. Its words are read in
 * `veritysetup_options.ts`; what it does with open devices is in `veritysetup_device.ts`.
 * @source src/veritysetup.c, lib/setup.c, cryptsetup 2.6.1
 * @differs Salts and UUIDs that are not given come from the machine's seed; `open` takes devices alone, and no files; there is no error
 *   correction, and no signature.
 */
import { isDigestName, type DigestName } from '../base/digests.ts'
import { bytesOfHex, digestHex, HashTree, sameDigest, treeProblem } from '../checksum/hash_tree.ts'
import {
  encodeVeritySuperblock,
  isVerityBlockSize,
  readVeritySuperblock,
  VERITY_SALT_MAX,
  VERITY_SB_BYTES,
  verityTreeStart,
} from '../format/verity_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { HashArea } from './hash_area.ts'
import { TmpFile } from './memory_files.ts'
import { findDevice, openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { textOfBytes } from './text_bytes.ts'
import { TextWrite } from './text_write.ts'
import { closeDevice, closed, openDevice, openLoaded, openResumed, showStatus } from './veritysetup_device.ts'
import {
  NO_DEVICE,
  NOT_PERMITTED,
  numberOf,
  parseVeritysetup,
  VERITYSETUP_USAGE,
  WRONG_USE,
  type VerityRequest,
} from './veritysetup_options.ts'
import { dumpText, parseUuidText, uuidText, type VerityDescription } from './veritysetup_text.ts'
import type { DmOperation } from '../dm/operation.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'

const SALT_BYTES = 32
const NOTHING: VerityRequest = { action: 'status', words: [], values: new Map() }

export class VeritysetupRun extends CommandRun {
  request: VerityRequest
  /** Of the hash device, once it is known. */
  description: VerityDescription | null
  root: Uint8Array
  /** What is being done to a mapped device. */
  device: MappedDevice | null
  work: DmOperation | null
  private dataPath: string
  hashPath: string
  private data: OpenFile | null
  private hashes: OpenFile | null
  private io: FileIo | null
  private buffer: number
  private area: HashArea | null
  private uuid: Uint8Array | null
  private rootFile: OpenFile | null

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.request = NOTHING
    this.description = null
    this.root = new Uint8Array(0)
    this.device = null
    this.work = null
    this.dataPath = ''
    this.hashPath = ''
    this.data = null
    this.hashes = null
    this.io = null
    this.buffer = 0
    this.area = null
    this.uuid = null
    this.rootFile = null
  }

  override steps() {
    return VERITYSETUP_STEPS
  }

  has(option: string): boolean {
    return this.request.values.has(option)
  }

  /** Says what went wrong; files that are open are closed. */
  fails(message: string, status = WRONG_USE): string {
    if (message !== '') this.stderr += `${message}\n`
    this.status = status
    return 'close files'
  }

  noDevice(path: string): string {
    return this.fails(`Device ${path} does not exist or access denied.`, NO_DEVICE)
  }

  begin(): string {
    const parsed = parseVeritysetup(this.argv)
    if (!parsed.ok) {
      this.stdout += parsed.stdout
      this.stderr += parsed.stderr
      this.status = parsed.status
      return DONE
    }
    this.request = parsed.request
    const { action, words } = this.request
    if (this.has('fec-device') || this.has('root-hash-signature')) {
      return this.fails(
        'Error correction and signatures are not simulated: leave out --fec-device and --root-hash-signature.',
      )
    }
    switch (action) {
      case 'close':
        return closeDevice(this)
      case 'status':
        return showStatus(this)
      case 'dump':
        this.hashPath = words[0]
        return 'open hash device'
      case 'open':
        this.dataPath = words[0]
        this.hashPath = words[2]
        return words.length > 3 || this.has('root-hash-file') ? 'open hash device' : this.wantsRoot()
      case 'format':
      case 'verify':
        this.dataPath = words[0]
        this.hashPath = words[1]
        if (action === 'verify' && words.length < 3 && !this.has('root-hash-file')) return this.wantsRoot()
        return 'open hash device'
    }
  }

  private wantsRoot(): string {
    return this.fails('Command requires <root_hash> or --root-hash-file option as argument.')
  }

  openHashes(): string {
    const { kernel } = this.world
    const { action } = this.request
    const write = action === 'format'
    const opened = openFile(kernel, this.hashPath, { write, create: write }, this.cause)
    if (!opened.ok) {
      if (write) return this.fails(`Cannot create hash image ${this.hashPath} for writing.`)
      return this.noDevice(this.hashPath)
    }
    this.hashes = opened.value
    if (action === 'format') return 'format'
    if (this.dataPath !== '' && !this.exists(this.dataPath)) return this.noDevice(this.dataPath)
    if (!this.has('no-superblock') || action === 'dump') return 'read superblock'
    const described = this.describeByOptions()
    return described === null ? 'root' : described
  }

  private exists(path: string): boolean {
    const opened = openFile(this.world.kernel, path, {}, this.cause)
    if (opened.ok) this.call(opened.value.close())
    return opened.ok
  }

  // ---- what the tree is ----

  /** @returns null, or the step after a refusal */
  private describeByOptions(): string | null {
    const { request } = this
    const spelled = request.values.get('hash') ?? 'sha256'
    const salt = this.saltOf(request.values.get('salt'))
    if (salt === null) return this.fails('Invalid salt string specified.')
    const hashType = numberOf(request, 'format')
    const [dataBlockBytes, hashBlockBytes] = [
      numberOf(request, 'data-block-size'),
      numberOf(request, 'hash-block-size'),
    ]
    const offset = numberOf(request, 'hash-offset')
    if (hashType > 1) return this.fails(`Unsupported VERITY hash type ${hashType}.`)
    if (!isVerityBlockSize(dataBlockBytes) || !isVerityBlockSize(hashBlockBytes)) {
      return this.fails('Unsupported VERITY block size.')
    }
    if (offset % 512 !== 0) return this.fails('Unsupported VERITY hash offset.')
    const opened = openFile(this.world.kernel, this.dataPath, {}, this.cause)
    if (!opened.ok) return this.noDevice(this.dataPath)
    this.data = opened.value
    const dataBlocks = numberOf(request, 'data-blocks') || Math.floor(opened.value.size() / dataBlockBytes)
    if (this.isOneDevice() && dataBlocks * dataBlockBytes > offset) {
      return this.fails('Data area overlaps with hash area.')
    }
    if (dataBlocks === 0) return this.fails(`Device ${this.dataPath} is too small: it has not one data block.`)
    const hasSuperblock = !this.has('no-superblock')
    const problem = this.describe(spelled, hasSuperblock, offset, {
      hashType,
      salt,
      dataBlockBytes,
      hashBlockBytes,
      dataBlocks,
    })
    return problem
  }

  private describe(
    spelled: string,
    hasSuperblock: boolean,
    offset: number,
    rest: { hashType: number; salt: Uint8Array; dataBlockBytes: number; hashBlockBytes: number; dataBlocks: number },
  ): string | null {
    const algorithm = digestNamed(spelled)
    if (algorithm === null) return this.fails(`Hash algorithm ${spelled} not supported.`)
    if (rest.salt.length > VERITY_SALT_MAX) return this.fails('')
    const start = verityTreeStart(offset, rest.hashBlockBytes, hasSuperblock)
    const parameters = { ...rest, algorithm, start }
    if (treeProblem(parameters) !== null) return this.fails('Hash area overflow.')
    const uuid = this.uuid === null ? '' : uuidText(this.uuid)
    this.description = { uuid, algorithm: spelled, tree: new HashTree(parameters) }
    return null
  }

  private saltOf(word: string | undefined): Uint8Array | null {
    if (word === '-') return new Uint8Array(0)
    if (word !== undefined) return bytesOfHex(word)
    const salt = new Uint8Array(SALT_BYTES)
    this.sim.chance(`verity salt ${this.hashPath}`).fill(salt)
    return salt
  }

  isOneDevice(): boolean {
    const { kernel } = this.world
    const device = findDevice(kernel, this.dataPath)
    return this.dataPath === this.hashPath || (device !== undefined && device === findDevice(kernel, this.hashPath))
  }

  readSuperblock(): string {
    const offset = numberOf(this.request, 'hash-offset')
    if (offset % 512 !== 0) return this.invalid('Unsupported VERITY hash offset.')
    this.buffer = this.sim.memory.allocate(VERITY_SB_BYTES)
    this.io = this.hashes?.read(offset, VERITY_SB_BYTES, this.buffer) ?? null
    if (this.io !== null) this.call(this.io)
    return 'superblock'
  }

  superblockRead(): string {
    const block = this.sim.memory.bytes.slice(this.buffer, this.buffer + VERITY_SB_BYTES)
    this.sim.memory.free(this.buffer)
    if (this.io?.error !== null || this.io.count < VERITY_SB_BYTES) return this.invalid('')
    const read = readVeritySuperblock(block)
    if (!read.ok) return this.invalid(read.message)
    const sb = read.value
    this.uuid = sb.uuid
    const problem = this.describe(sb.algorithm, true, numberOf(this.request, 'hash-offset'), {
      hashType: sb.hash_type,
      salt: sb.salt.slice(0, sb.salt_size),
      dataBlockBytes: sb.data_block_size,
      hashBlockBytes: sb.hash_block_size,
      dataBlocks: sb.data_blocks,
    })
    if (problem !== null) return this.invalid('')
    if (this.request.action !== 'dump' || this.description === null) return 'root'
    this.stdout += dumpText(this.hashPath, this.description, null, numberOf(this.request, 'hash-offset') === 0)
    return 'close files'
  }

  private invalid(message: string): string {
    if (message !== '') this.stderr += `${message}\n`
    return this.fails(`Device ${this.hashPath} is not a valid VERITY device.`)
  }

  // ---- the root hash that is given ----

  readRoot(): string {
    const { request, description } = this
    if (description === null) return 'close files'
    const word = this.rootWord()
    if (word === null) return this.fails(`Cannot read root hash file ${request.values.get('root-hash-file')}.`)
    const root = bytesOfHex(word)
    if (root === null || root.length !== description.tree.digestBytes) {
      return this.fails('Invalid root hash string specified.')
    }
    this.root = root
    if (request.action === 'open') return openDevice(this, this.dataPath)
    return 'verify'
  }

  private rootWord(): string | null {
    const { request, description } = this
    const path = request.values.get('root-hash-file')
    if (path === undefined) return request.words[request.action === 'open' ? 3 : 2]
    const opened = openFile(this.world.kernel, path, {}, this.cause)
    if (!opened.ok || !(opened.value instanceof TmpFile)) return null
    const text = textOfBytes(opened.value.contents())
    this.call(opened.value.close())
    return text.slice(0, 2 * (description?.tree.digestBytes ?? 0))
  }

  // ---- format and verify ----

  format(): string {
    const asked = this.request.values.get('uuid')
    if (!this.has('no-superblock')) {
      this.uuid = new Uint8Array(16)
      if (asked === undefined) {
        this.sim.chance(`verity uuid ${this.hashPath}`).fill(this.uuid)
        this.uuid[6] = (this.uuid[6] & 0x0f) | 0x40
        this.uuid[8] = (this.uuid[8] & 0x3f) | 0x80
      } else {
        const given = parseUuidText(asked)
        if (given === null) return this.fails(`Wrong VERITY UUID format provided on device ${this.hashPath}.`)
        this.uuid = given
      }
    }
    const refused = this.describeByOptions()
    if (refused !== null) return refused
    const bytes = this.description?.tree.parameters.dataBlockBytes ?? 0
    if (bytes > 4096) {
      this.stderr += 'WARNING: Kernel cannot activate device if data block size exceeds page size (4096).\n'
    }
    return this.walk(false)
  }

  verify(): string {
    if (this.data === null) {
      const opened = openFile(this.world.kernel, this.dataPath, {}, this.cause)
      if (!opened.ok) return this.noDevice(this.dataPath)
      this.data = opened.value
    }
    return this.walk(true)
  }

  private walk(verifies: boolean): string {
    const { description, data, hashes } = this
    if (description === null || data === null || hashes === null) return 'close files'
    this.area = new HashArea(description.tree, data, hashes, verifies)
    this.call(this.area)
    return verifies ? 'verified' : 'formatted'
  }

  verified(): string {
    const { area } = this
    if (area === null) return 'close files'
    if (area.outcome !== 'good') {
      if (area.message !== '') this.stderr += `${area.message}\n`
      return this.fails('Verification of data area failed.', area.outcome === 'wrong' ? NOT_PERMITTED : WRONG_USE)
    }
    if (!sameDigest(area.root, this.root)) return this.fails('Verification of root hash failed.')
    return this.succeeds()
  }

  formatted(): string {
    const { area, hashes } = this
    if (area?.outcome !== 'good') return this.fails('Input/output error while creating hash area.')
    this.root = area.root
    if (hashes === null) return 'close files'
    this.io = hashes.sync()
    this.call(this.io)
    return 'tree durable'
  }

  treeDurable(): string {
    if (this.io?.error !== null) return this.fails('Input/output error while creating hash area.')
    if (this.uuid === null) return 'report'
    const { description, hashes } = this
    if (description === null || hashes === null) return 'close files'
    const { parameters } = description.tree
    const block = encodeVeritySuperblock({ ...parameters, uuid: this.uuid, algorithm: description.algorithm })
    this.buffer = this.sim.memory.allocate(VERITY_SB_BYTES)
    this.sim.memory.bytes.set(block, this.buffer)
    this.io = hashes.write(numberOf(this.request, 'hash-offset'), VERITY_SB_BYTES, this.buffer)
    this.call(this.io)
    return 'superblock written'
  }

  superblockWritten(): string {
    this.sim.memory.free(this.buffer)
    if (this.io?.error !== null || this.hashes === null) return this.headerFailed()
    this.io = this.hashes.sync()
    this.call(this.io)
    return 'superblock durable'
  }

  superblockDurable(): string {
    return this.io?.error === null ? 'report' : this.headerFailed()
  }

  private headerFailed(): string {
    return this.fails(`Error during update of verity header on device ${this.hashPath}.`)
  }

  report(): string {
    const { description, root } = this
    if (description === null) return 'close files'
    const ownDevice = numberOf(this.request, 'hash-offset') === 0 && !this.isOneDevice()
    this.stdout += dumpText(this.hashPath, description, root, ownDevice)
    const path = this.request.values.get('root-hash-file')
    if (path === undefined) return this.succeeds()
    const opened = openFile(this.world.kernel, path, { write: true, create: true, truncate: true }, this.cause)
    if (!opened.ok) return this.fails(`Cannot create root hash file ${path} for writing.`)
    this.rootFile = opened.value
    this.call(new TextWrite(opened.value, digestHex(root), 0))
    return 'root file written'
  }

  rootFileWritten(): string {
    if (this.rootFile !== null) this.call(this.rootFile.close())
    this.rootFile = null
    return this.succeeds()
  }

  succeeds(): string {
    if (this.has('verbose')) this.print('Command successful.')
    return 'close files'
  }

  closeFiles(): string {
    for (const file of [this.data, this.hashes]) if (file !== null) this.call(file.close())
    this.data = null
    this.hashes = null
    return DONE
  }
}

/** A hash by the name that somebody typed, or that a superblock has; the tool does not mind capitals. */
function digestNamed(spelled: string): DigestName | null {
  const name = spelled.toLowerCase()
  return name !== 'crc32c' && isDigestName(name) ? name : null
}

const VERITYSETUP_STEPS = {
  begin: (run: VeritysetupRun) => run.begin(),
  'open hash device': (run: VeritysetupRun) => run.openHashes(),
  'read superblock': (run: VeritysetupRun) => run.readSuperblock(),
  superblock: (run: VeritysetupRun) => run.superblockRead(),
  root: (run: VeritysetupRun) => run.readRoot(),
  verify: (run: VeritysetupRun) => run.verify(),
  verified: (run: VeritysetupRun) => run.verified(),
  format: (run: VeritysetupRun) => run.format(),
  formatted: (run: VeritysetupRun) => run.formatted(),
  'tree durable': (run: VeritysetupRun) => run.treeDurable(),
  'superblock written': (run: VeritysetupRun) => run.superblockWritten(),
  'superblock durable': (run: VeritysetupRun) => run.superblockDurable(),
  report: (run: VeritysetupRun) => run.report(),
  'root file written': (run: VeritysetupRun) => run.rootFileWritten(),
  loaded: openLoaded,
  resumed: openResumed,
  closed,
  'close files': (run: VeritysetupRun) => run.closeFiles(),
}

export const VERITYSETUP: CommandSpec = {
  name: 'veritysetup',
  family: 'linux',
  usage: VERITYSETUP_USAGE,
  summary: 'Makes the hash tree of a device, checks it, and opens a device whose reads are checked.',
  begin: (world, invocation) => new VeritysetupRun(world, invocation),
}
