import { fail, type Failure } from '../base/errno.ts'
import type { Status } from '../block/bio.ts'
import { MICROSECOND, MILLISECOND } from '../sim/sim.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { READING, type Buffer, type BufferWaiter } from './buffer.ts'
import type { DoneWaiter } from './empty_io.ts'
import { stampByte, type Instruction, type InstructionName, type Operand } from './test_program.ts'
import type { BufioTestTarget } from './test_target.ts'

/** A program at work. An instruction takes a microsecond, and whatever it waits for. */
export class TestRun extends Procedure implements BufferWaiter, DoneWaiter {
  readonly target: BufioTestTarget
  readonly program: readonly Instruction[]
  at: number
  /** How often each loop has gone round. */
  readonly turns: Map<string, number>
  failure: Failure | null
  /** The instruction that is being carried out. */
  private text: string

  constructor(target: BufioTestTarget, program: readonly Instruction[]) {
    super(target.sim, 'instruction')
    this.target = target
    this.program = program
    this.at = 0
    this.turns = new Map()
    this.failure = null
    this.text = ''
  }

  override steps() {
    return STEPS
  }

  bufferReady(_buffer: Buffer | null, status: Status): void {
    this.done(status)
  }

  done(status: Status): void {
    if (status !== 'OK') this.failure = fail(status, `${this.text}: ${status}`)
    this.arrived()
  }

  /** Carries out the next instruction. */
  next(): void {
    const instruction = this.program[this.at++]
    const { turns } = this
    if (instruction.op === 'loop') turns.set(instruction.loop, 0)
    else if (instruction.op === 'end') {
      const turn = (turns.get(instruction.loop) ?? 0) + 1
      turns.set(instruction.loop, turn)
      if (turn < instruction.times) this.at = instruction.begin + 1
    } else {
      const numbers = instruction.operands.map((operand) => this.numberOf(operand))
      this.text = [instruction.op, ...numbers].join(' ')
      this.failure = this.carryOut(instruction.op, numbers)
    }
  }

  private numberOf({ base, loop }: Operand): number {
    return base + (loop === null ? 0 : (this.turns.get(loop) ?? 0))
  }

  private carryOut(op: InstructionName, numbers: readonly number[]): Failure | null {
    const { client } = this.target
    const [block, second] = numbers
    switch (op) {
      case 'new':
        if (client.fresh(block, this) === null) this.expect()
        return null
      case 'read':
        if (client.read(block, this) === null) this.expect()
        return null
      case 'get':
        return client.get(block) === null ? fail('ENODATA', `${this.text}: block ${block} is not there`) : null
      case 'prefetch':
        client.prefetch(block, second ?? 1)
        return null
      case 'forget':
        client.forgetBuffers(block, second ?? 1)
        return null
      case 'async':
        client.writeDirtyBuffersAsync()
        return null
      case 'sync':
        client.writeDirtyBuffers(this)
        break
      case 'flush':
        client.issueFlush(this)
        break
      case 'discard':
        client.issueDiscard(block, second ?? 1, this)
        break
      case 'sleep':
        this.sleep(block * MILLISECOND)
        return null
      default:
        return this.withHeld(op, numbers)
    }
    this.expect()
    return null
  }

  /** What needs a buffer that somebody holds. */
  private withHeld(op: 'put' | 'stamp' | 'verify' | 'dirty' | 'move', numbers: readonly number[]): Failure | null {
    const { client } = this.target
    const [block, second] = numbers
    const buffer = client.peek(block)
    if (buffer === undefined || buffer.holders === 0 || buffer.state === READING) {
      return fail('EINVAL', `${this.text}: nobody holds block ${block}`)
    }
    const [from, to] = numbers.length > 2 ? numbers.slice(-2) : [0, client.blockBytes]
    if (!(from < to && to <= client.blockBytes)) {
      return fail('EINVAL', `${this.text}: a block has bytes 0 to ${client.blockBytes}`)
    }
    switch (op) {
      case 'put':
        client.release(buffer)
        return null
      case 'dirty':
        client.markPartialDirty(buffer, from, to)
        return null
      case 'stamp':
        this.target.stamp(buffer, second, from, to)
        return null
      case 'verify':
        return this.verify(buffer, second, from, to)
      default:
        if (second === block) return fail('EINVAL', `${this.text}: it is there already`)
        this.expect()
        client.releaseMove(buffer, second, this)
        return null
    }
  }

  private verify(buffer: Buffer, seed: number, from: number, to: number): Failure | null {
    const { bytes } = this.sim.memory
    for (let i = from; i < to; i++) {
      if (bytes[buffer.address + i] === stampByte(seed, i)) continue
      return fail('EIO', `${this.text}: byte ${i} is ${bytes[buffer.address + i]}, not ${stampByte(seed, i)}`)
    }
    return null
  }
}

const STEPS = {
  instruction: (run: TestRun): string => {
    if (run.failure !== null || run.at >= run.program.length) return 'over'
    run.next()
    run.sleep(MICROSECOND)
    return 'instruction'
  },

  over: (run: TestRun): string => {
    run.target.runOver(run)
    return DONE
  },
}
