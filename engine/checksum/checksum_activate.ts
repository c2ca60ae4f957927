import { fail, type Failure, type Result } from '../base/errno.ts'
import { FUA, META, READ, SYNC, WRITE } from '../block/bio.ts'
import type { HookWaiter } from '../dm/target.ts'
import { CHECKSUM_ALGORITHMS } from '../format/checksum_layout.ts'
import {
  CHECKSUM_IN_USE,
  CHECKSUM_MAGIC,
  readChecksumSuperblock,
  type ChecksumSuperblock,
} from '../format/checksum_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { CHECKSUM_MODES } from './checksum_modes.ts'
import { ChecksumWork } from './checksum_work.ts'
import { ReplayRecords } from './replay_records.ts'
import { SettleOlds } from './settle_olds.ts'
import { Sweep } from './sweep.ts'

/** Numbers of records begin somewhere else each time a device is made, so that none of an earlier life is the expected one. */
const SEQ_SPREAD = 2 ** 20

/** Reads the superblock, and says what does not fit; whoever loads a table wants no more. */
export class ReadSuperblock extends ChecksumWork {
  readonly waiter: HookWaiter | null
  failure: Failure | null

  constructor(device: ChecksumDevice, waiter: HookWaiter | null) {
    super(device, 'read')
    this.waiter = waiter
    this.failure = null
  }

  override steps() {
    return READ_STEPS
  }

  read(): string {
    this.sector = this.sim.memory.allocate(512)
    this.io(this.device.meta, READ, META, 0, 1, this.sector)
    return 'judge'
  }

  judge(): string {
    const { device, sim } = this
    const { data, meta } = device
    if (this.ioError !== 'OK') this.failure = fail('EIO', `the superblock of /dev/${meta.name} cannot be read`)
    else {
      const found = readChecksumSuperblock(sim.memory.bytes, this.sector)
      if (found.ok) device.superblock = found.value
      this.failure = found.ok ? misfit(device) : about(found, `/dev/${meta.name} for /dev/${data.name}`)
    }
    this.freeSector()
    this.waiter?.hookDone(this.failure)
    return DONE
  }
}

function about(failure: Result<unknown>, what: string): Failure {
  return failure.ok ? fail('EINVAL', what) : fail(failure.errno, `${what}: ${failure.message}`)
}

/** What of the table is not what the superblock says. */
function misfit({ superblock, line, sectors, layout, journal, meta }: ChecksumDevice): Failure | null {
  if (superblock === null) return null
  const algorithm = CHECKSUM_ALGORITHMS[superblock.algorithm] as string | undefined
  if (algorithm !== layout.algorithm) {
    return fail('EINVAL', `the sums are ${algorithm ?? 'of an unknown kind'}, not ${layout.algorithm}`)
  }
  if (superblock.data_sectors !== sectors) {
    return fail('EINVAL', `there are sums of ${superblock.data_sectors} sectors, not of ${sectors}`)
  }
  const mode = CHECKSUM_MODES[superblock.mode] as string | undefined
  const wasInUse = (superblock.flags & CHECKSUM_IN_USE) !== 0
  if (wasInUse && mode !== line.mode) {
    return fail('EINVAL', `it was not shut down in mode ${mode}: it must be activated in that mode once more`)
  }
  const start = journal === meta ? layout.end : 0
  const isOther = superblock.journal_sectors !== line.journalSectors || superblock.journal_start !== start
  if (wasInUse && line.mode === 'journal' && isOther) {
    return fail('EINVAL', `its journal has ${superblock.journal_sectors} sectors from ${superblock.journal_start} on`)
  }
  return null
}

const READ_STEPS = {
  read: (read: ReadSuperblock): string => read.read(),
  judge: (read: ReadSuperblock): string => read.judge(),
}

/**
 * Brings the sums into a state that can be worked with, by what the superblock says: none yet, and all are computed; shut down, and nothing is
 * done; in use, so that it crashed, and the mode says what is done.
 */
export class ActivateChecksums extends ChecksumWork {
  readonly waiter: HookWaiter
  private readonly reading: ReadSuperblock
  private sweep: Sweep | null
  private settle: SettleOlds | null
  private replay: ReplayRecords | null

  constructor(device: ChecksumDevice, waiter: HookWaiter) {
    super(device, 'superblock')
    this.waiter = waiter
    this.reading = new ReadSuperblock(device, null)
    this.sweep = null
    this.settle = null
    this.replay = null
  }

  override steps() {
    return STEPS
  }

  readSuperblock(): string {
    this.call(this.reading)
    return 'recover'
  }

  recover(): string {
    const { device } = this
    const { superblock } = device
    const { mode } = device.line
    if (this.reading.failure !== null) return 'end'
    if (superblock === null || (this.wasInUse && mode === 'rebuild')) {
      this.sweep = new Sweep(device, true)
      this.call(this.sweep)
    } else if (this.wasInUse && mode === 'dual') {
      this.settle = new SettleOlds(device)
      this.call(this.settle)
    } else if (this.wasInUse && mode === 'journal') {
      device.journalHead = 0
      device.journalSeq = superblock.journal_seq
      this.replay = new ReplayRecords(device)
      this.call(this.replay)
    } else return 'begin journal'
    return 'sync'
  }

  private get wasInUse(): boolean {
    return ((this.device.superblock?.flags ?? 0) & CHECKSUM_IN_USE) !== 0
  }

  sync(): string {
    if (this.ioError !== 'OK') return 'end'
    this.syncSums()
    if (this.replay !== null) this.flushData()
    return 'begin journal'
  }

  /** A new journal has nothing that could be taken for a record. */
  beginJournal(): string {
    const { device, sim } = this
    device.found = this.story()
    device.journalHead = 0
    if (this.ioError !== 'OK' || device.line.mode !== 'journal') return 'in use'
    if (device.superblock === null || device.superblock.journal_sectors !== device.line.journalSectors) {
      device.journalSeq = (1 + sim.chance('checksum journal').below(SEQ_SPREAD)) * SEQ_SPREAD
      this.sector = sim.memory.allocateZeroed(512)
      this.io(device.journal, WRITE, FUA | SYNC | META, device.journalStart, 1, this.sector)
    } else if (this.replay === null) device.journalSeq = device.superblock.journal_seq
    return 'in use'
  }

  inUse(): string {
    const { device } = this
    this.freeSector()
    if (this.ioError !== 'OK') return 'end'
    const { line, layout } = device
    const superblock: ChecksumSuperblock = {
      magic: CHECKSUM_MAGIC,
      algorithm: CHECKSUM_ALGORITHMS.indexOf(layout.algorithm),
      mode: CHECKSUM_MODES.indexOf(line.mode),
      flags: CHECKSUM_IN_USE,
      data_sectors: device.sectors,
      journal_start: device.journalStart,
      journal_sectors: line.journalSectors,
      journal_seq: device.journalSeq,
      csum: 0,
    }
    this.writeSuperblock(superblock)
    return 'end'
  }

  end(): string {
    const { device, reading } = this
    this.freeSector()
    device.isActive = reading.failure === null && this.ioError === 'OK'
    const failed = this.ioError === 'OK' ? null : fail('EIO', `the sums on /dev/${device.meta.name} cannot be used`)
    this.waiter.hookDone(reading.failure ?? failed)
    return DONE
  }

  /** What was found and done, for the status. */
  private story(): string {
    const { device, settle, replay, sweep } = this
    if (device.superblock === null) return 'formatted'
    if (settle !== null) return `settled:${settle.settled}:${settle.bad.length}`
    if (replay !== null) return `replayed:${replay.records}:${replay.replayed}`
    if (sweep !== null) return `rebuilt:${sweep.different.length}`
    return this.wasInUse ? 'crashed' : 'clean'
  }
}

const STEPS = {
  superblock: (activate: ActivateChecksums): string => activate.readSuperblock(),
  recover: (activate: ActivateChecksums): string => activate.recover(),
  sync: (activate: ActivateChecksums): string => activate.sync(),
  'begin journal': (activate: ActivateChecksums): string => activate.beginJournal(),
  'in use': (activate: ActivateChecksums): string => activate.inUse(),
  end: (activate: ActivateChecksums): string => activate.end(),
}
