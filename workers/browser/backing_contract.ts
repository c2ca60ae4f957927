/**
 * What every backing promises, as checks without a test framework: they run against memory and Node's files in the unit
 * tests, and against the browser's private file system inside a worker of a real Chromium.
 */
import type { Backing } from '../../engine/block/backing.ts'
import { Chance } from '../../engine/sim/chance.ts'

/** One kind of backing. */
export interface BackingKind {
  /** A new one, all zeros. */
  create(sizeBytes: number): Backing
  /** The same bytes, found again; left out where they do not outlive their holder. */
  reopen?(backing: Backing): Backing
}

type Check = (kind: BackingKind) => void

const SIZE_BYTES = 300 * 1024 + 512
const RANDOM_WRITES = 300
const SEED = 1

const CHECKS: Readonly<Record<string, Check>> = {
  'a new one has its size and is zeros': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    equal(backing.sizeBytes, SIZE_BYTES, 'the size')
    same(readAll(backing, 0xff), new Uint8Array(SIZE_BYTES))
  },

  'what was written is read, and nothing beside it changed': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    const shadow = new Uint8Array(SIZE_BYTES)
    for (const [at, length] of [
      [0, 512],
      [511, 3],
      [65535, 2],
      [65536, 65536],
      [SIZE_BYTES - 1, 1],
      [100_000, 150_000],
    ]) {
      const bytes = pattern(length, at)
      backing.write(at, bytes)
      shadow.set(bytes, at)
      same(readAll(backing), shadow)
    }
  },

  'a read fills exactly the view it is given': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    backing.write(65000, pattern(2000, 7))
    const around = new Uint8Array(3000).fill(0xee)
    backing.read(64900, around.subarray(500, 2700))
    const shadow = new Uint8Array(3000).fill(0xee)
    shadow.fill(0, 500, 2700)
    shadow.set(pattern(2000, 7), 600)
    same(around, shadow)
  },

  'a write takes exactly the view it is given, as it is then': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    const source = pattern(5000, 9)
    const expected = source.slice(1000, 1512)
    backing.write(4096, source.subarray(1000, 1512))
    source.fill(0)
    const into = new Uint8Array(512)
    backing.read(4096, into)
    same(into, expected)
    backing.read(4096 + 512, into)
    same(into, new Uint8Array(512))
  },

  'what was written last counts, flushed or not': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    backing.write(1024, pattern(4096, 1))
    backing.flush()
    backing.write(2048, pattern(512, 2))
    const shadow = pattern(4096, 1)
    shadow.set(pattern(512, 2), 1024)
    const into = new Uint8Array(4096)
    backing.read(1024, into)
    same(into, shadow)
    backing.flush()
    backing.read(1024, into)
    same(into, shadow)
  },

  'nothing is read or written where nothing is asked': (kind) => {
    const backing = kind.create(SIZE_BYTES)
    backing.write(SIZE_BYTES, new Uint8Array(0))
    backing.read(SIZE_BYTES, new Uint8Array(0))
    same(readAll(backing), new Uint8Array(SIZE_BYTES))
  },

  'many random writes leave what a flat array holds, also when it is found again': (kind) => {
    let backing = kind.create(SIZE_BYTES)
    const shadow = new Uint8Array(SIZE_BYTES)
    const chance = new Chance(SEED, 'backing')
    for (let i = 0; i < RANDOM_WRITES; i++) {
      const at = chance.below(SIZE_BYTES)
      const bytes = new Uint8Array(1 + chance.below(Math.min(chance.below(4) === 0 ? 100_000 : 5000, SIZE_BYTES - at)))
      chance.fill(bytes)
      backing.write(at, bytes)
      shadow.set(bytes, at)
      if (i % 50 === 0) backing.flush()
    }
    same(readAll(backing), shadow)
    if (kind.reopen === undefined) return
    backing = kind.reopen(backing)
    equal(backing.sizeBytes, SIZE_BYTES, 'the size when found again')
    same(readAll(backing), shadow)
  },

  'two of them do not share bytes': (kind) => {
    const one = kind.create(65536)
    const other = kind.create(65536)
    one.write(0, pattern(65536, 3))
    same(readAll(other), new Uint8Array(65536))
    other.write(0, pattern(65536, 4))
    same(readAll(one), pattern(65536, 3))
  },

  'beyond the end nothing can be reached': (kind) => {
    const backing = kind.create(4096)
    throws(() => backing.write(4000, new Uint8Array(97)))
    throws(() => backing.read(4000, new Uint8Array(97)))
    throws(() => backing.write(-1, new Uint8Array(1)))
    equal(backing.sizeBytes, 4096, 'the size')
    same(readAll(backing), new Uint8Array(4096))
  },
}

/** The names of the checks. */
export const BACKING_CHECKS: readonly string[] = Object.keys(CHECKS)

/**
 * Runs one check.
 * @errors throws with what was found instead
 */
export function checkBacking(name: string, kind: BackingKind): void {
  CHECKS[name](kind)
}

/**
 * Runs all checks.
 * @returns one line for each that failed
 */
export function backingContract(kind: BackingKind): string[] {
  return BACKING_CHECKS.flatMap((name) => {
    try {
      checkBacking(name, kind)
      return []
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`]
    }
  })
}

function pattern(length: number, salt: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + salt * 31 + (i >> 8)) | 1)
}

function readAll(backing: Backing, before = 0): Uint8Array {
  const into = new Uint8Array(backing.sizeBytes).fill(before)
  backing.read(0, into)
  return into
}

function same(found: Uint8Array, expected: Uint8Array): void {
  equal(found.length, expected.length, 'how many bytes')
  const at = found.findIndex((byte, i) => byte !== expected[i])
  if (at >= 0) throw new Error(`byte ${at} is ${found[at]}, not ${expected[at]}`)
}

function equal(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${what} is ${found}, not ${expected}`)
}

function throws(act: () => void): void {
  let thrown = false
  try {
    act()
  } catch {
    thrown = true
  }
  if (!thrown) throw new Error(`allowed: ${act}`)
}
