import { expect, test } from 'vitest'
import { testMachine } from '../lab/fixture.ts'
import type { Machine } from '../lab/machine.ts'
import { runScript } from '../lab/script.ts'
import { BlankChunks } from './blank_chunks.ts'

const ARRAY = `disk create sda 2M
disk create sdb 2M
disk create sdc 2M
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --bitmap=none --assume-clean --run /dev/sda /dev/sdb /dev/sdc`

/** Looks as a page does, frame by frame. */
class Looker {
  readonly #chunks = new BlankChunks()
  readonly #machine: Machine
  #seen = 0

  constructor(machine: Machine) {
    this.#machine = machine
  }

  look(isWhole = true): number[] {
    const { rows } = this.#machine.sim.trace.since(this.#seen)
    this.#seen = this.#machine.sim.trace.written
    const [array] = this.#machine.kernel.arrays
    const blank = this.#chunks.of(array, rows, isWhole)
    return [...(blank ?? [])].flatMap((is, chunk) => (is === 1 ? [] : [chunk]))
  }
}

test.each([true, false])(
  'a chunk is blank until something reaches its medium; whether the trace is whole: %s',
  (isWhole) => {
    const machine = testMachine()
    expect(runScript(machine, ARRAY).ok).toBe(true)
    const looker = new Looker(machine)
    expect(looker.look()).toEqual([])
    // Left-symmetric on three: chunk 4 is in row 2, whose parity is on the first.
    runScript(machine, 'dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=64 oflag=direct\nsettle')
    const unflushed = looker.look(isWhole)
    runScript(machine, 'dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=65 oflag=direct conv=fsync\nsettle')
    const flushed = looker.look(isWhole)
    expect(unflushed.every((chunk) => flushed.includes(chunk))).toBe(true)
    expect(flushed).toEqual([2 * 3, 2 * 3 + 1])
    // Zeros that are written say nothing: it was written.
    runScript(machine, 'dd if=/dev/zero of=/dev/md0 bs=4k count=2 seek=64 oflag=direct conv=fsync\nsettle')
    expect(looker.look(isWhole)).toEqual(flushed)
  },
)

test('an array that was there before is looked at as a whole; a large one not at all', () => {
  const machine = testMachine()
  runScript(machine, `${ARRAY}\ndd if=/dev/urandom of=/dev/md0 bs=64k count=2 oflag=direct conv=fsync\nsettle`)
  expect(new Looker(machine).look()).toEqual([0, 1, 2])
  const large = testMachine()
  runScript(large, ARRAY.replaceAll('2M', '64M').replace('--chunk=64', '--chunk=4'))
  expect(new BlankChunks().of(large.kernel.arrays[0], new Float64Array(0), true)).toBeNull()
})
