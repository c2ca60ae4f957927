import type { RebootNotifier } from '../block/reboot_notifiers.ts'
import type { Instruction } from './test_program.ts'
import { TestRun } from './test_run.ts'
import type { BufioTestTarget } from './test_target.ts'

/** A driver that does something when the kernel is about to stop: a program of a `bufio_test` device. */
export class TestReboot implements RebootNotifier {
  readonly name: string
  readonly priority: number
  private readonly target: BufioTestTarget
  private readonly program: readonly Instruction[]

  constructor(target: BufioTestTarget, priority: number, program: readonly Instruction[]) {
    this.name = `bufio_test ${target.table.device.mapName}`
    this.priority = priority
    this.target = target
    this.program = program
  }

  isOf(target: BufioTestTarget): boolean {
    return this.target === target
  }

  rebootNotified(): TestRun {
    return new TestRun(this.target, this.program)
  }
}
