/** For tests that spoil what lies on disks: lines that may be refused, but come to their end. */
import { assert } from '../base/assert.ts'
import type { Machine } from './machine.ts'
import { typeLine } from './script.ts'

/** Types a line; it may be refused, but it comes to its end. */
export function tryLine(machine: Machine, line: string): void {
  const problem = typeLine(machine, line)
  assert(problem === null, `${line}: ${problem}`)
}

/** Tries to take up a raid set, to write to it, to check it; in the end nothing of it is left. */
export function tryTarget(machine: Machine, table: string): void {
  tryLine(machine, `dmsetup create r --table '${table}'`)
  tryLine(machine, 'dmsetup status r')
  tryLine(machine, 'dd if=/dev/urandom of=/dev/mapper/r bs=64k count=3 oflag=direct conv=fsync')
  tryLine(machine, 'settle')
  tryLine(machine, 'dmsetup message r 0 check')
  tryLine(machine, 'settle')
  tryLine(machine, 'dmsetup remove r')
  assert(machine.kernel.arrays.length === 0, 'an array is left')
}
