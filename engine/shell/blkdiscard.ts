/** blkdiscard: discards a range of a block device, or fills it with zeros. */
import { STRERROR, type Errno } from '../base/errno.ts'
import { Bio, DISCARD, WRITE, type BioOwner, type Op } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { getopt } from './getopt.ts'
import { openFailure } from './line_run.ts'
import { findDevice, openFile } from './namespace.ts'
import { BYTE_COUNT_HINT, parseByteCount } from './size_text.ts'

const HOLDER = 'blkdiscard'

/** The longest discard the block layer sends at once, and the longest write. */
const DISCARD_SECTORS = 1 << 22
const WRITE_SECTORS = 2048

class BlkdiscardRun extends CommandRun implements BioOwner {
  private device: BlockDevice | null
  private path: string
  private from: number
  private length: number
  private zeroOut: boolean
  private verbose: boolean
  private force: boolean
  private zeros: number
  private error: Errno | null

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'prepare')
    this.device = null
    this.path = ''
    this.from = 0
    this.length = Infinity
    this.zeroOut = false
    this.verbose = false
    this.force = false
    this.zeros = 0
    this.error = null
  }

  override steps() {
    return BLKDISCARD_STEPS
  }

  prepare(): string {
    const long = { offset: 'o', length: 'l', step: 'p', zeroout: 'z', verbose: 'v', force: 'f' }
    const options = getopt(this.argv, 'o:l:p:zvf', long)
    if (!options.ok) return this.refuse(options.message)
    for (const { name, value } of options.value.given) {
      const bytes = parseByteCount(value)
      if (name === 'z') this.zeroOut = true
      else if (name === 'v') this.verbose = true
      else if (name === 'f') this.force = true
      else if (bytes === null) return this.refuse(`failed to parse '${value}'; ${BYTE_COUNT_HINT}`)
      else if (name === 'o') this.from = bytes
      else if (name === 'l') this.length = bytes
    }
    const [path, ...rest] = options.value.words
    if (path === undefined) return this.refuse('no device specified')
    if (rest.length > 0) return this.refuse('unexpected number of arguments; one device is wanted')
    this.path = path
    return this.open()
  }

  private open(): string {
    const { path } = this
    const device = findDevice(this.world.kernel, path)
    if (device === undefined) {
      const file = openFile(this.world.kernel, path, {}, this.cause)
      if (!file.ok) return this.refuse(`cannot open ${path}: ${openFailure(file, path)}`)
      this.call(file.value.close())
      return this.refuse(`${path}: not a block device`)
    }
    const size = device.sectors * 512
    if (this.from % 512 !== 0) return this.refuse(`${path}: offset ${this.from} is not aligned to sector size 512`)
    if (this.from > size) return this.refuse(`${path}: offset is greater than device size, ${size}`)
    this.length = Math.min(this.length, size - this.from)
    if (this.length % 512 !== 0) return this.refuse(`${path}: length ${this.length} is not aligned to sector size 512`)
    if (this.force) {
      const errno = device.open()
      if (errno !== null) return this.refuse(`cannot open ${path}: ${STRERROR[errno]}`)
    } else {
      const claimed = device.claim(HOLDER)
      if (!claimed.ok) return this.refuse(`cannot open ${path}: ${STRERROR[claimed.errno]}; ${claimed.message}`)
    }
    this.device = device
    if (device.readOnly) this.error = 'EPERM'
    else if (!this.zeroOut && !device.supportsDiscard()) this.error = 'EOPNOTSUPP'
    return this.error === null && this.length > 0 ? 'submit' : 'end'
  }

  /** @source blkdev_issue_discard and blkdev_issue_zeroout, block/blk-lib.c, 6.1 */
  submit(): string {
    const device = this.device as BlockDevice
    const end = (this.from + this.length) / 512
    const most = this.zeroOut ? WRITE_SECTORS : DISCARD_SECTORS
    const op: Op = this.zeroOut ? WRITE : DISCARD
    if (this.zeroOut) this.zeros = this.sim.memory.allocateZeroed(Math.min(WRITE_SECTORS * 512, this.length))
    this.pending++
    for (let sector = this.from / 512; sector < end; sector += most) {
      this.pending++
      device.submit(new Bio(this.sim, this, op, 0, sector, Math.min(most, end - sector), this.zeros, this.cause))
    }
    this.pending--
    return 'end'
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') this.error ??= bio.status
    this.arrived()
  }

  end(): string {
    const { device, error, path } = this
    if (this.zeros !== 0) this.sim.memory.free(this.zeros)
    if (device === null) return DONE
    if (this.force) device.close()
    else device.release(HOLDER)
    if (error !== null) {
      const hint = error === 'EOPNOTSUPP' ? '; -z writes zeros instead' : ''
      return this.refuse(
        `${path}: ${this.zeroOut ? 'BLKZEROOUT' : 'BLKDISCARD'} ioctl failed: ${STRERROR[error]}${hint}`,
      )
    }
    if (this.verbose) {
      const what = this.zeroOut ? 'Zero-filled' : 'Discarded'
      this.print(`${path}: ${what} ${this.length} bytes from the offset ${this.from}`)
    }
    return DONE
  }
}

const BLKDISCARD_STEPS = {
  prepare: (run: BlkdiscardRun) => run.prepare(),
  submit: (run: BlkdiscardRun) => run.submit(),
  end: (run: BlkdiscardRun) => run.end(),
}

export const BLKDISCARD: CommandSpec = {
  name: 'blkdiscard',
  family: 'linux',
  usage: '[-o OFFSET] [-l LENGTH] [-z] [-f] [-v] DEVICE',
  summary: 'Discards a range of a device, or with -z fills it with zeros.',
  begin: (world, invocation) => new BlkdiscardRun(world, invocation),
}
