/** OSTEP's homework on RAID: its maps are md's, its counts and its times come out, and where it decides otherwise is said. */
import { describe, expect, test } from 'vitest'
import { LAYOUT_LEFT_ASYMMETRIC, LAYOUT_LEFT_SYMMETRIC } from './geometry.ts'
import { homeworkArray, mapBlock, PythonChance, range, read, timeOf, write, type Work } from './ostep_fixture.ts'

const LEVELS = [0, 1, 4, 5] as const

describe('question 1: where blocks lie', () => {
  test.each([3, 4, 5, 6, 7, 8])('%i disks, levels 0, 4 and 5', (disks) => {
    for (const block of range(0, 48 * disks)) {
      const row = Math.floor(block / (disks - 1))
      const parity = disks - 1 - (row % disks)
      const inRow = block % (disks - 1)
      const of = (level: 0 | 4 | 5, layout?: number) => mapBlock(homeworkArray(level, disks, layout), block)
      expect(of(0)).toEqual([{ disk: block % disks, block: Math.floor(block / disks) }])
      expect(of(4)).toEqual([{ disk: inRow, block: row }])
      // Left-symmetric: one behind the other, whatever the row. Left-asymmetric: in order, around the parity.
      expect(of(5, LAYOUT_LEFT_SYMMETRIC)).toEqual([{ disk: block % disks, block: row }])
      expect(of(5, LAYOUT_LEFT_ASYMMETRIC)).toEqual([{ disk: inRow + (inRow >= parity ? 1 : 0), block: row }])
    }
  })

  test.each([4, 6, 8])('%i disks, pairs of mirrors', (disks) => {
    for (const block of range(0, 48)) {
      const pair = block % (disks / 2)
      const at = Math.floor(block / (disks / 2))
      expect(mapBlock(homeworkArray(1, disks), block)).toEqual([
        { disk: 2 * pair, block: at },
        { disk: 2 * pair + 1, block: at },
      ])
    }
  })
})

test.each([2, 4, 8])('question 2: chunks of %i blocks', (chunk) => {
  for (const block of range(0, 200)) {
    const number = Math.floor(block / chunk)
    const inChunk = block % chunk
    expect(mapBlock(homeworkArray(0, 4, 0, chunk), block)).toEqual([
      { disk: number % 4, block: Math.floor(number / 4) * chunk + inChunk },
    ])
    expect(mapBlock(homeworkArray(5, 4, LAYOUT_LEFT_SYMMETRIC, chunk), block)).toEqual([
      { disk: number % 4, block: Math.floor(number / 3) * chunk + inChunk },
    ])
  }
})

test('question 3: the way back, from disk and block to the block of the array', () => {
  for (const level of [4, 5] as const) {
    const geometry = homeworkArray(level, 4)
    for (const block of range(0, 48)) {
      const [place] = mapBlock(geometry, block)
      expect('arraySector' in geometry && geometry.arraySector(place.disk, place.block * 8)).toBe(block * 8)
    }
  }
})

describe('question 4: sequential writes of 4, 8, 12 and 16 KiB, reads and writes for four requests', () => {
  const count = (disks: number, blocks: number): string => {
    const geometry = homeworkArray(5, disks)
    const works = range(0, 4).map((i) => write(geometry, i * blocks, blocks))
    const sum = (what: 'reads' | 'writes'): number => works.reduce((total, work) => total + work[what].length, 0)
    return `${sum('reads')}/${sum('writes')}`
  }

  test('four disks: as md with a cold cache (S02), though one of three is read-modify-write here and a reconstruction there', () => {
    expect([1, 2, 3, 4].map((blocks) => count(4, blocks))).toEqual(['8/8', '7/13', '0/16', '8/24'])
    const { reads } = write(homeworkArray(5, 4), 0, 1)
    expect(reads).toEqual([
      { disk: 0, block: 0 },
      { disk: 3, block: 0 },
    ])
  })

  test('three and five disks: a block costs 1 read, the other data; or 2, old data and old parity, as with md', () => {
    expect(write(homeworkArray(5, 3), 0, 1).reads).toEqual([{ disk: 1, block: 0 }])
    expect(write(homeworkArray(5, 5), 0, 1).reads).toEqual([
      { disk: 0, block: 0 },
      { disk: 4, block: 0 },
    ])
  })
})

describe('questions 5 to 8: how long it takes, in ms', () => {
  const rounded = (time: number): number => Math.round(time * 10 + 1e-6) / 10

  /** 100 requests of one block anywhere on the first 10,000; a second draw decides between reads and writes. */
  function random(level: (typeof LEVELS)[number], disks: number, work: typeof read): number {
    const geometry = homeworkArray(level, disks)
    const chance = new PythonChance()
    const works = range(0, 100).map((): Work => {
      const block = Math.floor(chance.next() * 10000)
      chance.next()
      return work(geometry, block, 1)
    })
    return rounded(timeOf(works, disks))
  }

  function sequential(level: (typeof LEVELS)[number], blocks: number): number {
    const geometry = homeworkArray(level, 4)
    return rounded(
      timeOf(
        range(0, 100).map((i) => write(geometry, i * blocks, blocks)),
        4,
      ),
    )
  }

  test('5: random reads, four disks', () => {
    expect(LEVELS.map((level) => random(level, 4, read))).toEqual([275.7, 278.7, 386.1, 276.7])
  })

  test('6: eight disks', () => {
    expect(LEVELS.map((level) => random(level, 8, read))).toEqual([156.5, 167.8, 165.0, 158.6])
  })

  test('7: random writes, four disks and eight', () => {
    expect(LEVELS.map((level) => random(level, 4, write))).toEqual([275.7, 509.8, 982.5, 497.4])
    expect(LEVELS.map((level) => random(level, 8, write))).toEqual([156.5, 275.7, 937.8, 290.9])
  })

  test('8: sequential writes of 4 and 12 KiB', () => {
    expect(LEVELS.map((level) => sequential(level, 1))).toEqual([12.5, 15.0, 13.4, 13.4])
    expect(LEVELS.map((level) => sequential(level, 3))).toEqual([17.5, 25.0, 20.0, 20.0])
  })

  test('a block that was just read is written for nothing: the small write costs I/Os, and no time', () => {
    const geometry = homeworkArray(5, 4)
    const single = write(geometry, 0, 1)
    expect(timeOf([single], 4)).toBeCloseTo(timeOf([{ reads: [], writes: single.writes }], 4))
    expect(single.reads.length + single.writes.length).toBe(4)
  })
})
