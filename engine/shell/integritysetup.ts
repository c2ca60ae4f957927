/**
 * `integritysetup`: makes integrity devices, shows and opens them. The superblock is the kernel's work: to format, the tool loads a line
 * over zeros, and opens the device once to give every sector a tag.
 * @source src/integritysetup.c, lib/integrity/integrity.c, cryptsetup 2.6.1
 * @differs a name that is drawn is drawn from the machine's seed; of other superblocks on the device only those of its own kind are told; keys
 *   and `resize` are refused
 */
import { DIGEST_BYTES, isDigestName } from '../base/digests.ts'
import { IntegrityTarget } from '../checksum/integrity_target.ts'
import type { BlockDevice } from '../block/device.ts'
import { LoadOperation } from '../dm/load.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import type { DmOperation } from '../dm/operation.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import {
  FLAG_FIXED_HMAC,
  FLAG_FIXED_PADDING,
  INTEGRITY_SB_BYTES,
  isIntegritySuperblock,
  readIntegritySuperblock,
  type IntegritySuperblock,
} from '../format/integrity_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import {
  BUSY,
  INTEGRITYSETUP_USAGE,
  NO_DEVICE,
  parseIntegritysetup,
  sizeOf,
  WRONG_USE,
  type IntegrityRequest,
} from './integritysetup_options.ts'
import { integrityDumpText, integrityStatusLines, wipedText } from './integritysetup_text.ts'
import { isBusy, newUuid } from './mdadm_array.ts'
import { findDevice, openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { uuidText } from './veritysetup_text.ts'

const UUID_PREFIX = 'CRYPT-INTEGRITY-'
/** What a device is wiped with at once. */
const WIPE_BYTES = 1 << 20
/** A device that is only to be formatted is so long. */
const SHORT_SECTORS = 8

/** @source show_status, src/utils_tools.c */
const FAILURES: Readonly<Record<number, string>> = {
  [WRONG_USE]: 'wrong or missing parameters',
  [NO_DEVICE]: 'wrong device or file specified',
  [BUSY]: 'device already exists or device is busy',
}

const NOTHING: IntegrityRequest = { action: 'status', words: [], values: new Map() }

export class IntegritysetupRun extends CommandRun {
  private request: IntegrityRequest
  private path: string
  private file: OpenFile | null
  private io: FileIo | null
  private buffer: number
  private sb: IntegritySuperblock | null
  private mapped: MappedDevice | null
  private work: DmOperation | null
  /** How far the wiping has come, and when it began. */
  private wiped: number
  private wipingSince: number
  /** Where to go on when a temporary device is gone. */
  private afterRemoval: string

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.request = NOTHING
    this.path = ''
    this.file = null
    this.io = null
    this.buffer = 0
    this.sb = null
    this.mapped = null
    this.work = null
    this.wiped = 0
    this.wipingSince = 0
    this.afterRemoval = 'end'
  }

  override steps() {
    return STEPS
  }

  private has(option: string): boolean {
    return this.request.values.has(option)
  }

  private value(option: string): string | undefined {
    return this.request.values.get(option)
  }

  /** Says what went wrong; what is open is closed. */
  private fails(message: string, status = WRONG_USE): string {
    if (message !== '') this.stderr += `${message}\n`
    if (this.has('verbose')) this.print(`Command failed with code -${status} (${FAILURES[status] ?? 'unknown error'}).`)
    this.status = status
    return 'end'
  }

  begin(): string {
    const parsed = parseIntegritysetup(this.argv)
    if (!parsed.ok) {
      this.stdout += parsed.stdout
      this.stderr += parsed.stderr
      this.status = parsed.status
      return DONE
    }
    this.request = parsed.request
    const { action, words } = this.request
    if (action === 'close') return this.close()
    if (action === 'status') return this.showStatus()
    this.path = words[0]
    for (const path of [this.path, this.value('data-device')]) {
      if (path !== undefined && findDevice(this.world.kernel, path) === undefined) {
        return this.fails(`Device ${path} does not exist or access denied.`, NO_DEVICE)
      }
    }
    return this.readSuperblock()
  }

  private get device(): BlockDevice {
    return findDevice(this.world.kernel, this.path) as BlockDevice
  }

  private get dataDevice(): BlockDevice | null {
    const path = this.value('data-device')
    return path === undefined ? null : (findDevice(this.world.kernel, path) as BlockDevice)
  }

  private readSuperblock(): string {
    const opened = openFile(this.world.kernel, this.path, { direct: true }, this.cause)
    if (!opened.ok) return this.fails(`Device ${this.path} does not exist or access denied.`, NO_DEVICE)
    this.file = opened.value
    this.buffer = this.sim.memory.allocateZeroed(INTEGRITY_SB_BYTES)
    this.io = opened.value.read(0, INTEGRITY_SB_BYTES, this.buffer)
    this.call(this.io)
    return 'superblock read'
  }

  superblockRead(): string {
    const { bytes } = this.sim.memory
    const isWhole = this.io?.error === null && this.io.count === INTEGRITY_SB_BYTES
    if (isWhole && isIntegritySuperblock(bytes, this.buffer)) this.sb = readIntegritySuperblock(bytes, this.buffer)
    this.giveBack()
    return 'superblock known'
  }

  /** Buffer and file are not needed any more. */
  private giveBack(): void {
    if (this.buffer !== 0) this.sim.memory.free(this.buffer)
    this.buffer = 0
    if (this.file !== null) this.call(this.file.close())
    this.file = null
  }

  superblockKnown(): string {
    const { action } = this.request
    const { sb } = this
    if (action === 'format') return this.clearSuperblock()
    if (sb === null || sb.version === 0) return this.fails(`Device ${this.path} is not a valid INTEGRITY device.`)
    if (action === 'open') return this.open(sb)
    this.stdout += integrityDumpText(this.path, sb)
    return this.succeeds()
  }

  // ---- format ----

  private clearSuperblock(): string {
    if (isBusy(this.device)) return this.fails(`Cannot exclusively open ${this.path}, device in use.`)
    const hash = this.hash
    if (this.sb !== null) {
      this.print(`WARNING: Device ${this.path} already contains a 'DM_integrity' superblock signature.`)
    }
    const tag = this.value('tag-size')
    if (tag !== undefined && isDigestName(hash) && DIGEST_BYTES[hash] !== Number(tag)) {
      this.print(
        `WARNING: Requested tag size ${tag} bytes differs from ${hash} size output (${DIGEST_BYTES[hash]} bytes).`,
      )
    }
    const opened = openFile(this.world.kernel, this.path, { write: true, direct: true, durable: true }, this.cause)
    if (!opened.ok) return this.fails(`Device ${this.path} does not exist or access denied.`, NO_DEVICE)
    this.file = opened.value
    this.buffer = this.sim.memory.allocateZeroed(INTEGRITY_SB_BYTES)
    this.io = opened.value.write(0, INTEGRITY_SB_BYTES, this.buffer)
    this.call(this.io)
    return 'cleared'
  }

  cleared(): string {
    const failed = this.io?.error !== null
    this.giveBack()
    if (failed) return this.cannotFormat('')
    return 'format'
  }

  private get hash(): string {
    return this.value('integrity') ?? 'crc32c'
  }

  /** The checksum's name in a table: with a key it would be spelled otherwise. */
  private get hashWord(): string {
    const keyed = /^hmac-(\w+)$/.exec(this.hash)
    return keyed === null ? this.hash : `hmac(${keyed[1]})`
  }

  private get tagWord(): string {
    const { hash, sb } = this
    const given = this.value('tag-size')
    if (this.request.action === 'open' && sb !== null) return String(sb.integrity_tag_size)
    return given ?? (isDigestName(hash) ? String(DIGEST_BYTES[hash]) : '-')
  }

  format(): string {
    const words = [`internal_hash:${this.hashWord}`]
    const sectorSize = this.value('sector-size')
    if (sectorSize !== undefined && sectorSize !== '512') words.push(`block_size:${sectorSize}`)
    const journal = sizeOf(this.value('journal-size') ?? '0') ?? 0
    if (journal > 0) words.push(`journal_sectors:${Math.floor(journal / 512)}`)
    this.addNumber(words, 'interleave-sectors', 'interleave_sectors')
    // Of the two the tool remembers only the second.
    if (!this.has('integrity-legacy-padding') || this.has('integrity-legacy-hmac')) words.push('fix_padding')
    if (!this.has('integrity-legacy-hmac')) words.push('fix_hmac')
    this.afterRemoval = 'formatted'
    return this.activate(this.temporaryName(), 'J', SHORT_SECTORS, words)
  }

  private addNumber(words: string[], option: string, word: string): void {
    const value = this.value(option)
    if (value !== undefined) words.push(`${word}:${value}`)
  }

  private temporaryName(): string {
    return `temporary-cryptsetup-${uuidText(newUuid(this.world.kernel, `integritysetup ${this.sim.delivered}`))}`
  }

  /** Loads a line and resumes it; what comes then is where the steps go on. */
  private activate(name: string, mode: string, sectors: number, words: readonly string[]): string {
    const { dm } = this.world.kernel
    const { dataDevice } = this
    const all = dataDevice === null ? words : [...words, `meta_device:/dev/${this.device.name}`]
    const created = dm.create(name, UUID_PREFIX + name)
    if (!created.ok) return this.fails(created.message)
    this.mapped = created.value
    const data = `/dev/${(dataDevice ?? this.device).name}`
    const args = `${data} 0 ${this.tagWord} ${mode} ${all.length} ${all.join(' ')}`
    this.work = new LoadOperation(created.value, [{ begin: 0, sectors, type: 'integrity', args }], false)
    this.call(this.work)
    return 'loaded'
  }

  loaded(): string {
    const { mapped, work } = this
    if (mapped === null || work === null || work.failure !== null) return this.notActivated()
    this.work = new ResumeOperation(mapped)
    this.call(this.work)
    return 'resumed'
  }

  resumed(): string {
    if (this.work?.failure !== null) return this.notActivated()
    if (this.request.action === 'open') return this.succeeds()
    return this.afterRemoval === 'formatted' ? this.removeTemporary() : this.beginWipe()
  }

  private notActivated(): string {
    const { mapped, work } = this
    if (mapped !== null) this.call(new RemoveOperation(mapped, false))
    this.mapped = null
    const why = work?.failure?.message ?? ''
    return this.request.action === 'open' ? this.fails(why, WRONG_USE) : this.cannotFormat(why)
  }

  private cannotFormat(why: string): string {
    return this.fails(`${why}${why === '' ? '' : '\n'}Cannot format integrity for device ${this.path}.`, NO_DEVICE)
  }

  private removeTemporary(): string {
    if (this.mapped !== null) this.call(new RemoveOperation(this.mapped, false))
    this.mapped = null
    return this.afterRemoval
  }

  formatted(): string {
    if (!this.has('batch-mode')) {
      this.print(`Formatted with tag size ${this.tagWord}, internal integrity ${this.hash}.`)
    }
    if (this.has('no-wipe')) return this.succeeds()
    return this.readSuperblockAgain()
  }

  private readSuperblockAgain(): string {
    const opened = openFile(this.world.kernel, this.path, { direct: true }, this.cause)
    if (!opened.ok) return this.cannotFormat('')
    this.file = opened.value
    this.buffer = this.sim.memory.allocateZeroed(INTEGRITY_SB_BYTES)
    this.call(opened.value.read(0, INTEGRITY_SB_BYTES, this.buffer))
    return 'wipe'
  }

  // ---- wiping: without a journal, which would only write everything twice ----

  wipe(): string {
    const sb = readIntegritySuperblock(this.sim.memory.bytes, this.buffer)
    this.giveBack()
    if (!this.has('batch-mode')) {
      this.print('Wiping device to initialize integrity checksum.')
      this.print('You can interrupt this by pressing CTRL+c (rest of not wiped device will contain invalid checksum).')
    }
    this.afterRemoval = 'wiped'
    return this.activate(this.temporaryName(), 'D', sb.provided_data_sectors, this.wordsOf(sb))
  }

  private beginWipe(): string {
    const path = `/dev/${this.mapped?.name ?? ''}`
    const opened = openFile(this.world.kernel, path, { write: true, direct: true }, this.cause)
    if (!opened.ok) return this.cannotFormat('')
    this.file = opened.value
    this.buffer = this.sim.memory.allocateZeroed(WIPE_BYTES)
    this.wiped = 0
    this.wipingSince = this.sim.now
    return 'write zeros'
  }

  writeZeros(): string {
    const { file, io } = this
    if (file === null) return 'end'
    if (this.wiped > 0 && io !== null && io.error !== null) return this.cannotFormat(io.reason())
    const left = file.size() - this.wiped
    if (left <= 0) {
      this.call(file.sync())
      return 'zeros written'
    }
    const count = Math.min(WIPE_BYTES, left)
    this.io = file.write(this.wiped, count, this.buffer)
    this.call(this.io)
    this.wiped += count
    return 'write zeros'
  }

  zerosWritten(): string {
    if (!this.has('batch-mode')) this.print(wipedText(this.wiped, this.sim.now - this.wipingSince))
    this.giveBack()
    return 'remove temporary'
  }

  removeWiped(): string {
    return this.removeTemporary()
  }

  wipedAll(): string {
    return this.succeeds()
  }

  // ---- open ----

  /** Words that say again what the superblock says. */
  private wordsOf(sb: IntegritySuperblock): string[] {
    const words = [`internal_hash:${this.hashWord}`]
    if (sb.log2_sectors_per_block > 0) words.push(`block_size:${512 * 2 ** sb.log2_sectors_per_block}`)
    if ((sb.flags & FLAG_FIXED_PADDING) !== 0) words.push('fix_padding')
    if ((sb.flags & FLAG_FIXED_HMAC) !== 0) words.push('fix_hmac')
    return words
  }

  private open(sb: IntegritySuperblock): string {
    const [, name] = this.request.words
    const { dm } = this.world.kernel
    if (dm.find(name) !== undefined) return this.fails(`Device ${name} already exists.`, BUSY)
    for (const device of [this.device, this.dataDevice]) {
      if (device === null || !isBusy(device)) continue
      const path = device === this.device ? this.path : this.value('data-device')
      return this.fails(`Cannot use device ${path} which is in use (already mapped or mounted).`, BUSY)
    }
    const words = this.wordsOf(sb)
    const isBitmap = this.has('integrity-bitmap-mode')
    this.addNumber(words, 'buffer-sectors', 'buffer_sectors')
    if (isBitmap) {
      this.addNumber(words, 'bitmap-sectors-per-bit', 'sectors_per_bit')
      this.addNumber(words, 'bitmap-flush-time', 'bitmap_flush_interval')
    } else {
      this.addNumber(words, 'journal-watermark', 'journal_watermark')
      this.addNumber(words, 'journal-commit-time', 'commit_time')
    }
    if (this.has('integrity-recalculate')) words.push('recalculate')
    if (this.has('integrity-recalculate-reset')) words.push('reset_recalculate')
    if (this.has('integrity-legacy-recalculate')) words.push('legacy_recalculate')
    if (this.has('allow-discards')) words.push('allow_discards')
    const mode = this.has('integrity-recovery-mode')
      ? 'R'
      : isBitmap
        ? 'B'
        : this.has('integrity-no-journal')
          ? 'D'
          : 'J'
    return this.activate(name, mode, sb.provided_data_sectors, words)
  }

  // ---- close and status ----

  /** A device by its name, or by its path. */
  private named(word: string): MappedDevice | undefined {
    return this.world.kernel.dm.find(word.replace(/^\/dev\/mapper\//, ''))
  }

  private close(): string {
    const [name] = this.request.words
    const device = this.named(name)
    if (device === undefined) return this.fails(`Device ${name} is not active.`, NO_DEVICE)
    if (this.has('cancel-deferred')) {
      device.deferredRemove = false
      return this.succeeds()
    }
    if (device.openers > 0 && !this.has('deferred')) return this.fails(`Device ${name} is still in use.`, BUSY)
    this.mapped = device
    this.work = new RemoveOperation(device, this.has('deferred'))
    this.call(this.work)
    return 'closed'
  }

  closed(): string {
    const { mapped, work } = this
    if (work !== null && work.failure !== null) return this.fails(work.failure.message)
    if (mapped !== null && mapped.deferredRemove && mapped.state !== 'removed') {
      this.print(`Device ${this.request.words[0]} is still active and scheduled for deferred removal.`)
    }
    return this.succeeds()
  }

  private showStatus(): string {
    const [word] = this.request.words
    const mapped = this.named(word)
    const path = word.includes('/') ? word : `/dev/mapper/${word}`
    if (mapped === undefined) {
      this.print(`${path} is inactive.`)
      return this.fails('', NO_DEVICE)
    }
    const target = mapped.active?.targets[0]
    const device = target instanceof IntegrityTarget ? target.device : null
    this.print(`${path} is active${mapped.openers > 0 ? ' and is in use' : ''}.`)
    // What was opened by somebody else the tool does not know.
    if (device === null || !mapped.uuid.startsWith(UUID_PREFIX)) this.print('  type:    n/a')
    else this.stdout += integrityStatusLines(mapped, device)
    return this.succeeds()
  }

  private succeeds(): string {
    if (this.has('verbose')) this.print('Command successful.')
    return 'end'
  }

  end(): string {
    this.giveBack()
    return DONE
  }
}

const STEPS = {
  begin: (run: IntegritysetupRun) => run.begin(),
  'superblock read': (run: IntegritysetupRun) => run.superblockRead(),
  'superblock known': (run: IntegritysetupRun) => run.superblockKnown(),
  cleared: (run: IntegritysetupRun) => run.cleared(),
  format: (run: IntegritysetupRun) => run.format(),
  loaded: (run: IntegritysetupRun) => run.loaded(),
  resumed: (run: IntegritysetupRun) => run.resumed(),
  formatted: (run: IntegritysetupRun) => run.formatted(),
  wipe: (run: IntegritysetupRun) => run.wipe(),
  'write zeros': (run: IntegritysetupRun) => run.writeZeros(),
  'zeros written': (run: IntegritysetupRun) => run.zerosWritten(),
  'remove temporary': (run: IntegritysetupRun) => run.removeWiped(),
  wiped: (run: IntegritysetupRun) => run.wipedAll(),
  closed: (run: IntegritysetupRun) => run.closed(),
  end: (run: IntegritysetupRun) => run.end(),
}

export const INTEGRITYSETUP: CommandSpec = {
  name: 'integritysetup',
  family: 'linux',
  usage: INTEGRITYSETUP_USAGE,
  summary: 'Makes integrity devices, shows them, and opens them.',
  begin: (world, invocation) => new IntegritysetupRun(world, invocation),
}
