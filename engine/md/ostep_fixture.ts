/**
 * What the homework on RAID in "Operating Systems: Three Easy Pieces" (chapter 38) computes: which blocks of which disks a request
 * touches, and how long that takes. Its program maps as md does (whose geometry is asked here), and has rules of its own for the
 * rest: a partial write reads the old data where that takes no more reads than the new parity's other data, counting the old parity
 * as one (n + 1 <= stripe - n), while md lets a tie go to reconstruction; a mirror reads even blocks from one disk and odd ones from
 * the other; a disk takes 10 ms to go to another track, and then and on the track 0.1 ms a block for as far as the block lies.
 */
import { assert } from '../base/assert.ts'
import './all_geometries.ts'
import { geometryOf, placesOf, type ArrayGeometry } from './array_geometry.ts'
import { Geometry } from './geometry.ts'

const BLOCK_SECTORS = 8
const BLOCKS_PER_TRACK = 100
const SEEK_MS = 10
const BLOCK_MS = 0.1

/** A block of a disk. */
export interface Place {
  readonly disk: number
  readonly block: number
}

/** What a request makes the disks do. */
export interface Work {
  readonly reads: readonly Place[]
  readonly writes: readonly Place[]
}

/** An array of the homework: chunks of one block unless told otherwise. Level 1 is pairs of mirrors, as RAID-10 has them. */
export function homeworkArray(level: 0 | 1 | 4 | 5, disks: number, layout = 2, chunkBlocks = 1): ArrayGeometry {
  const made = geometryOf({
    level: level === 1 ? 10 : level,
    layout: level === 1 ? 0x102 : level === 0 ? 0 : layout,
    raidDisks: disks,
    chunkSectors: chunkBlocks * BLOCK_SECTORS,
    memberSectors: BLOCKS_PER_TRACK * 100 * BLOCK_SECTORS,
  })
  assert(made.ok, 'a homework has an array that can be')
  return made.value
}

/** All copies of a block. */
export function mapBlock(geometry: ArrayGeometry, block: number): Place[] {
  return placesOf(geometry, block * BLOCK_SECTORS).map(({ slot, sector }) => ({
    disk: slot,
    block: sector / BLOCK_SECTORS,
  }))
}

export function read(geometry: ArrayGeometry, from: number, blocks: number): Work {
  const reads = range(from, from + blocks).map((block) => {
    const copies = mapBlock(geometry, block)
    return copies[copies[0].block % copies.length]
  })
  return { reads, writes: [] }
}

export function write(geometry: ArrayGeometry, from: number, blocks: number): Work {
  if (!(geometry instanceof Geometry)) {
    return { reads: [], writes: range(from, from + blocks).flatMap((block) => mapBlock(geometry, block)) }
  }
  const reads: Place[] = []
  const writes: Place[] = []
  const row = (geometry.dataDisks * geometry.chunkSectors) / BLOCK_SECTORS
  for (let at = from; at < from + blocks;) {
    const begin = at - (at % row)
    const end = Math.min(from + blocks, begin + row)
    const own = range(at, end)
    const data = own.map((block) => mapBlock(geometry, block)[0])
    const disk = geometry.paritySlot(begin / row)
    const parity = [...new Set(data.map(({ block }) => block))].map((block) => ({ disk, block }))
    if (own.length + 1 <= row - own.length) reads.push(...data, ...parity)
    else reads.push(...[...range(begin, at), ...range(end, begin + row)].map((block) => mapBlock(geometry, block)[0]))
    writes.push(...data, ...parity)
    at = end
  }
  return { reads, writes }
}

/** Whichever disk is done last, in ms. */
export function timeOf(works: readonly Work[], disks: number): number {
  const heads = new Array<number>(disks).fill(-Infinity)
  const busy = new Array<number>(disks).fill(0)
  for (const { disk, block } of works.flatMap(({ reads, writes }) => [...reads, ...writes])) {
    const way = Math.abs(block - heads[disk])
    const isNear = way < BLOCKS_PER_TRACK || trackOf(block) === trackOf(heads[disk])
    busy[disk] += isNear ? way * BLOCK_MS : SEEK_MS + BLOCK_MS
    heads[disk] = block
  }
  return Math.max(...busy)
}

function trackOf(block: number): number {
  return Math.floor(block / BLOCKS_PER_TRACK)
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

/** The numbers in [0, 1) that Python draws from seed 0: MT19937, seeded by an array of one 0, two words to a number. */
export class PythonChance {
  private readonly words: Uint32Array
  private at: number

  constructor() {
    const words = new Uint32Array(624)
    this.words = words
    this.at = 624
    words[0] = 19650218
    const mixed = (i: number): number => words[i - 1] ^ (words[i - 1] >>> 30)
    for (let i = 1; i < 624; i++) words[i] = Math.imul(1812433253, mixed(i)) + i
    let i = 1
    const next = (): void => {
      i++
      if (i < 624) return
      words[0] = words[623]
      i = 1
    }
    for (let k = 0; k < 624; k++) {
      words[i] ^= Math.imul(1664525, mixed(i))
      next()
    }
    for (let k = 0; k < 623; k++) {
      words[i] = (words[i] ^ Math.imul(1566083941, mixed(i))) - i
      next()
    }
    words[0] = 0x80000000
  }

  next(): number {
    const high = this.word() >>> 5
    return (high * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53
  }

  private word(): number {
    if (this.at === 624) this.turn()
    let y = this.words[this.at++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private turn(): void {
    const { words } = this
    for (let i = 0; i < 624; i++) {
      const y = (words[i] & 0x80000000) | (words[(i + 1) % 624] & 0x7fffffff)
      words[i] = words[(i + 397) % 624] ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df)
    }
    this.at = 0
  }
}
