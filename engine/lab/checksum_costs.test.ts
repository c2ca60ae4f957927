/** What each mode of the checksum target writes, measured at the disks, against what one reckons. */
import { expect, test } from 'vitest'
import './whole_language.ts'
import { say, setUp, testMachine } from './fixture.ts'

const SECTORS = 1024
/** Sectors of a write, and how many writes. */
const SIZE = 8
const WRITES = 16
const BLOCK = 8

const BY_ITSELF = `dd if=/dev/src of=/dev/mapper/c bs=${SIZE * 512} count=${WRITES} oflag=direct`
const TOGETHER = `dd if=/dev/src of=/dev/mapper/c bs=${SIZE * WRITES * 512} count=1 oflag=direct`

/** Sectors of a record's header: 32 bytes, and 8 and the sum for each sector. */
function header(sectors: number, sumBytes: number): number {
  return Math.ceil((32 + sectors * (8 + sumBytes)) / 512)
}

/** Blocks of sums that so many sectors from the first have: 8 × 42 entries in a block, or 8 × 7. */
function blocks(sectors: number, sumBytes: number): number {
  return Math.ceil(sectors / (8 * Math.floor(512 / (4 + 2 * sumBytes))))
}

/** Sectors written to data, sums and journal by a line and what a flush adds. */
function cost(mode: string, algorithm: string, line: string): number[] {
  const machine = testMachine()
  const journal = mode === 'journal' ? ' journal /dev/j journal_sectors 1024' : ''
  setUp(
    machine,
    `disk create d ${SECTORS / 2}K
disk create m 256K
disk create j 512K
disk create src 1M --pattern 9
dmsetup create c --table '0 ${SECTORS} checksum /dev/d /dev/m ${algorithm} ${mode}${journal}'`,
  )
  const written = (): number[] => ['d', 'm', 'j'].map((disk) => machine.disk(disk)?.stat.writeSectors ?? NaN)
  const before = written()
  setUp(machine, `${line} conv=fsync\nsettle`)
  // What the target says of itself has the sums of the format and a superblock besides.
  const said = (say(machine, 'dmsetup message c 0 costs').stdout.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  expect(said.map((sectors, i) => sectors - [0, before[1], 0][i])).toEqual(
    written().map((sectors, i) => sectors - before[i]),
  )
  return written().map((sectors, i) => sectors - before[i])
}

const DATA = SIZE * WRITES

test.each(
  (['crc32c', 'sha256'] as const).flatMap((algorithm) => {
    const sumBytes = algorithm === 'crc32c' ? 4 : 32
    const all = blocks(DATA, sumBytes) * BLOCK
    // Written one by one, a write has its sums in one block, or in two where they meet.
    let each = 0
    for (let i = 0; i < WRITES; i++) {
      const [first, behind] = [blocks(i * SIZE + 1, sumBytes), blocks((i + 1) * SIZE, sumBytes)]
      each += (behind - first + 1) * BLOCK
    }
    return [
      { mode: 'none', algorithm, line: BY_ITSELF, expected: [DATA, all, 0] },
      { mode: 'none', algorithm, line: TOGETHER, expected: [DATA, all, 0] },
      { mode: 'rebuild', algorithm, line: BY_ITSELF, expected: [DATA, all, 0] },
      { mode: 'dual', algorithm, line: BY_ITSELF, expected: [DATA, each, 0] },
      { mode: 'dual', algorithm, line: TOGETHER, expected: [DATA, all, 0] },
      { mode: 'journal', algorithm, line: BY_ITSELF, expected: [DATA, 0, WRITES * (header(SIZE, sumBytes) + SIZE)] },
      { mode: 'journal', algorithm, line: TOGETHER, expected: [DATA, 0, header(DATA, sumBytes) + DATA] },
    ]
  }),
)('$mode, $algorithm, $line: $expected sectors of data, sums, journal', ({ mode, algorithm, line, expected }) => {
  expect(cost(mode, algorithm, line)).toEqual(expected)
})
