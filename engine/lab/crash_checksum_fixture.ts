/** Checksum targets that are cut off: what is on the disks after so many writes, and what the next activation makes of it. */
import { fail, ok, type Result } from '../base/errno.ts'
import { say, setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

export const SECTORS = 64

/** A mode with its options, as in a table. */
export interface Way {
  readonly name: string
  readonly words: string
}

export const WAYS: readonly Way[] = [
  { name: 'none', words: 'none' },
  { name: 'rebuild', words: 'rebuild' },
  { name: 'dual', words: 'dual' },
  { name: 'journal', words: 'journal journal_sectors 192' },
  { name: 'journal of its own', words: 'journal journal /dev/j journal_sectors 192' },
]

export function create({ words }: Way, algorithm = 'crc32c'): string {
  return `dmsetup create c --table '0 ${SECTORS} checksum /dev/d /dev/m ${algorithm} ${words}'`
}

/** A machine whose device has all its sums durable, in use and at rest. */
export function prepared(way: Way, algorithm = 'crc32c'): Machine {
  const machine = testMachine()
  setUp(
    machine,
    `disk create d ${SECTORS / 2}K --pattern 3
disk create m 256K
disk create j 128K
disk create src 1M --pattern 9
${create(way, algorithm)}
dmsetup remove c
${create(way, algorithm)}`,
  )
  return machine
}

/** Cuts the power after so many writes of what is typed. @returns whether there were so many */
export function cutAfter(machine: Machine, writes: number, keep: string, lines: readonly string[]): boolean {
  setUp(machine, `power cut --after-writes ${writes} --keep ${keep}`)
  for (const line of lines) {
    say(machine, line)
    if (!machine.powerOn) return true
  }
  return false
}

/** What a reader gets of a sector: its bytes, or why not. */
export function readSector(machine: Machine, sector: number): Result<Uint8Array> {
  const { status, stderr } = say(machine, `dd if=/dev/mapper/c of=/tmp/one bs=512 count=1 skip=${sector} iflag=direct`)
  if (status !== 0) return fail(stderr.includes('multibyte') ? 'EILSEQ' : 'EIO', stderr)
  const bytes = machine.kernel.tmp.get('one')
  return bytes === undefined ? fail('EIO', 'dd wrote nothing') : ok(bytes.slice())
}

/** The bytes of one of the disks, where nothing is in a cache. */
export function contents(machine: Machine, disk: string, sector: number): Uint8Array {
  const bytes = new Uint8Array(512)
  machine.media(disk)?.read(sector * 512, bytes, 0, 512)
  return bytes
}
