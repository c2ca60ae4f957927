/**
 * `bufio_test DEVICE [BLOCKBYTES [RESERVED]]`: a buffer cache on a device, and messages that carry out small programs on it. Blockscope's own:
 * what dmtest's kernel module of this name is for its tests, with programs that are text.
 *
 *     run PROGRAM      carries it out; the message is answered when it has ended
 *     start PROGRAM    begins it, beside others
 *     at_reboot PRIORITY PROGRAM
 *                      registers as one that is told before the kernel stops, and carries the program out then
 *     wait             until all have ended; fails with the first failure of one that was started
 *     buffers          the two lists, most recently used first: BLOCK, `+N` for N holders, then r reading, w writing, d dirty with its bytes
 *
 * What is read and written through the device itself goes past the cache.
 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import { readExactNumber, readInt } from '../dm/arguments.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import {
  PENDING,
  Target,
  TargetType,
  type Answer,
  type AnswerWaiter,
  type Area,
  type HookResult,
  type HookWaiter,
} from '../dm/target.ts'
import type { Status } from '../block/bio.ts'
import { CLEAN_LIST, DIRTY, DIRTY_LIST, READING, WRITING, type Buffer, type ListMode } from './buffer.ts'
import { bufioOf } from './bufio_memory.ts'
import { BufioClient } from './client.ts'
import type { DoneWaiter } from './empty_io.ts'
import { PERIOD_RULE } from './rules.ts'
import { INSTRUCTION_HELP, readProgram, stampByte } from './test_program.ts'
import { TestReboot } from './test_reboot.ts'
import { TestRun } from './test_run.ts'

const BLOCK_BYTES_MAX = 1 << 20
const RESERVED_MAX = 64

/** A program under way, and who waits for it alone. */
interface Running {
  readonly run: TestRun
  readonly waiter: AnswerWaiter | null
}

export class BufioTestTarget extends Target implements DoneWaiter {
  readonly below: BlockDevice
  readonly client: BufioClient
  readonly reserved: number
  private running: Running[]
  /** Who waits until nothing runs. */
  private readonly waiters: AnswerWaiter[]
  private suspending: HookWaiter | null
  private failed: Failure | null

  constructor(
    table: DmTable,
    begin: number,
    sectors: number,
    below: BlockDevice,
    blockBytes: number,
    reserved: number,
  ) {
    super(BUFIO_TEST, table, begin, sectors)
    this.below = below
    this.reserved = reserved
    const { device } = table
    const isSeedPeriod = device.dm.rules.get(PERIOD_RULE) === 'seed'
    this.client = new BufioClient(bufioOf(device.dm), device.mapName, below, blockBytes, reserved, { isSeedPeriod })
    this.running = []
    this.waiters = []
    this.suspending = null
    this.failed = null
    this.flushBios = 1
  }

  override map(clone: CloneBio): void {
    if (clone.sectors > 0) clone.sector = this.offset(clone.sector)
    this.below.submit(clone)
  }

  stamp(buffer: Buffer, seed: number, from: number, to: number): void {
    const { bytes } = this.sim.memory
    for (let i = from; i < to; i++) bytes[buffer.address + i] = stampByte(seed, i)
  }

  // ---- messages ----

  override message(words: readonly string[], waiter: AnswerWaiter): Result<Answer> | typeof PENDING {
    const [verb, ...rest] = words
    switch (verb) {
      case 'run':
      case 'start': {
        const program = readProgram(rest)
        if (!program.ok) return program
        const run = new TestRun(this, program.value)
        this.running.push({ run, waiter: verb === 'run' ? waiter : null })
        run.start()
        return verb === 'run' ? PENDING : ok(null)
      }
      case 'at_reboot': {
        const priority = readInt(rest[0] ?? '')
        if (priority === null) break
        const program = readProgram(rest.slice(1))
        if (!program.ok) return program
        const { devices } = this.table.device.dm
        devices.notifiers.push(new TestReboot(this, priority, program.value))
        return ok(null)
      }
      case 'wait':
        if (rest.length > 0) break
        if (this.running.length === 0) return this.verdict()
        this.waiters.push(waiter)
        return PENDING
      case 'buffers':
        if (rest.length > 0) break
        return ok(`clean: ${this.listText(CLEAN_LIST)}\ndirty: ${this.listText(DIRTY_LIST)}`)
    }
    return fail(
      'EINVAL',
      `run PROGRAM, start PROGRAM, at_reboot PRIORITY PROGRAM, wait or buffers; a program is ${INSTRUCTION_HELP}`,
    )
  }

  /** A program has come to its end. */
  runOver(run: TestRun): void {
    const { failure } = run
    const over = this.running.find((each) => each.run === run)
    this.running = this.running.filter((each) => each !== over)
    if (over?.waiter === null) this.failed ??= failure
    over?.waiter?.answered(failure ?? ok(null))
    if (this.running.length > 0) return
    if (this.waiters.length > 0) {
      const verdict = this.verdict()
      for (const waiter of this.waiters.splice(0)) waiter.answered(verdict)
    }
    const { suspending } = this
    this.suspending = null
    suspending?.hookDone(null)
  }

  private verdict(): Result<Answer> {
    const { failed } = this
    this.failed = null
    return failed ?? ok(null)
  }

  private listText(list: ListMode): string {
    const buffers = this.client.listOf(list).newestFirst()
    return buffers.length === 0 ? '-' : buffers.map(bufferText).join(' ')
  }

  // ---- its life ----

  /** Programs come to their end first. */
  override presuspend(waiter: HookWaiter): HookResult {
    if (this.running.length === 0) return null
    this.suspending = waiter
    return PENDING
  }

  /** What programs left held is let go, and the cache ends: dirty buffers are written, with nobody waiting. */
  override destroy(): void {
    const { client } = this
    const { devices } = this.table.device.dm
    devices.notifiers = devices.notifiers.filter((one) => !(one instanceof TestReboot && one.isOf(this)))
    for (const list of [CLEAN_LIST, DIRTY_LIST] as const) {
      for (const buffer of client.listOf(list).oldestFirst()) while (buffer.holders > 0) client.release(buffer)
    }
    this.table.device.dm.lastWrites++
    client.destroy(this)
  }

  done(_status: Status): void {
    this.table.device.dm.lastWrites--
  }

  override unsettled(): string | null {
    return this.client.unsettled()
  }

  /** Bytes of a block, buffers on the clean list and on the dirty one, how many are held, requests that wait for memory. */
  override status(): string {
    const { client } = this
    const [clean, dirty] = [client.listOf(CLEAN_LIST), client.listOf(DIRTY_LIST)]
    const held = [...clean.oldestFirst(), ...dirty.oldestFirst()].filter(({ holders }) => holders > 0).length
    return `${client.blockBytes} ${clean.count} ${dirty.count} ${held} ${client.waitingCount}`
  }

  override parameters(): string {
    return `${deviceId(this.below)} ${this.client.blockBytes} ${this.reserved}`
  }

  override areas(): readonly Area[] {
    return [{ device: this.below, start: 0, sectors: this.sectors }]
  }
}

function bufferText({ block, holders, state, dirtyFrom, dirtyTo }: Buffer): string {
  const parts = [String(block)]
  if (holders > 0) parts.push(`+${holders}`)
  if ((state & READING) !== 0) parts.push('r')
  if ((state & WRITING) !== 0) parts.push('w')
  if ((state & DIRTY) !== 0) parts.push(`d${dirtyFrom}-${dirtyTo}`)
  return parts.join('')
}

class BufioTestType extends TargetType {
  override readonly name = 'bufio_test'
  override readonly version = [1, 0, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length < 1 || args.length > 3) {
      return fail('EINVAL', `wants DEVICE [BLOCKBYTES [RESERVED]], not ${args.length} arguments`)
    }
    const bytes = readExactNumber(args[1] ?? '4096', 'the block size', 512, BLOCK_BYTES_MAX)
    if (!bytes.ok) return bytes
    if (bytes.value % 512 !== 0) return fail('EINVAL', `the block size must be a multiple of 512, not ${bytes.value}`)
    const reserved = readExactNumber(args[2] ?? '1', 'the number of reserved buffers', 0, RESERVED_MAX)
    if (!reserved.ok) return reserved
    const below = table.open(args[0])
    if (!below.ok) return below
    return ok(new BufioTestTarget(table, begin, sectors, below.value, bytes.value, reserved.value))
  }
}

export const BUFIO_TEST = new BufioTestType()
