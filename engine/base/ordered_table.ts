import { assert } from './assert.ts'

const NONE = -1
const SLOTS_MIN = 64
/** 2^32 divided by the golden ratio: spreads neighbouring keys over the buckets. */
const SPREAD = 0x9e3779b1

/**
 * Things by number, in the order in which they came: a map that makes no garbage. The language's own map leaves a table
 * behind every few insertions, and an old table holds on to its successor and all that was in it until the heap is swept as
 * a whole; where things come and go with every I/O that is most of what the collector has to do.
 */
export class OrderedTable<T extends object> {
  size: number
  private buckets: Int32Array
  private shift: number
  /** Per slot: its key and entry, the next slot of its bucket, its neighbours in order; of a free one, the next free slot. */
  private keys: Float64Array
  private readonly entries: (T | null)[]
  private chain: Int32Array
  private before: Int32Array
  private after: Int32Array
  private first: number
  private last: number
  private free: number

  constructor() {
    this.size = 0
    this.buckets = new Int32Array(SLOTS_MIN).fill(NONE)
    this.shift = 32 - Math.log2(SLOTS_MIN)
    this.keys = new Float64Array(SLOTS_MIN)
    this.entries = new Array<T | null>(SLOTS_MIN).fill(null)
    this.chain = new Int32Array(SLOTS_MIN)
    this.before = new Int32Array(SLOTS_MIN)
    this.after = new Int32Array(SLOTS_MIN)
    this.first = NONE
    this.last = NONE
    this.free = NONE
    this.addFreeSlots(0)
  }

  get(key: number): T | undefined {
    const slot = this.find(key)
    return slot === NONE ? undefined : (this.entries[slot] as T)
  }

  has(key: number): boolean {
    return this.find(key) !== NONE
  }

  /** Puts an entry at the end; there must be none of this key. */
  add(key: number, entry: T): void {
    if (this.free === NONE) this.enlarge()
    const slot = this.free
    this.free = this.after[slot]
    const bucket = this.bucketOf(key)
    this.keys[slot] = key
    this.entries[slot] = entry
    this.chain[slot] = this.buckets[bucket]
    this.buckets[bucket] = slot
    this.before[slot] = this.last
    this.after[slot] = NONE
    if (this.last === NONE) this.first = slot
    else this.after[this.last] = slot
    this.last = slot
    this.size++
  }

  /** @returns whether there was one. */
  delete(key: number): boolean {
    const bucket = this.bucketOf(key)
    let previous = NONE
    let slot = this.buckets[bucket]
    while (slot !== NONE && this.keys[slot] !== key) {
      previous = slot
      slot = this.chain[slot]
    }
    if (slot === NONE) return false
    if (previous === NONE) this.buckets[bucket] = this.chain[slot]
    else this.chain[previous] = this.chain[slot]
    const before = this.before[slot]
    const after = this.after[slot]
    if (before === NONE) this.first = after
    else this.after[before] = after
    if (after === NONE) this.last = before
    else this.before[after] = before
    this.entries[slot] = null
    this.after[slot] = this.free
    this.free = slot
    this.size--
    return true
  }

  clear(): void {
    for (let slot = this.first; slot !== NONE; slot = this.first) this.delete(this.keys[slot])
  }

  /** The first `count`, oldest first, as they are now: changes do not touch what was returned. */
  values(count = this.size): T[] {
    const found: T[] = []
    for (let slot = this.first; slot !== NONE && found.length < count; slot = this.after[slot]) {
      found.push(this.entries[slot] as T)
    }
    return found
  }

  /** The one that came first. */
  oldest(): T | undefined {
    return this.first === NONE ? undefined : (this.entries[this.first] as T)
  }

  private find(key: number): number {
    const { keys, chain } = this
    let slot = this.buckets[this.bucketOf(key)]
    while (slot !== NONE && keys[slot] !== key) slot = chain[slot]
    return slot
  }

  private bucketOf(key: number): number {
    return Math.imul(key, SPREAD) >>> this.shift
  }

  private addFreeSlots(from: number): void {
    for (let slot = this.chain.length - 1; slot >= from; slot--) {
      this.after[slot] = this.free
      this.free = slot
    }
  }

  private enlarge(): void {
    const old = this.chain.length
    assert(this.size === old, 'a table with free slots is not enlarged')
    const keys = new Float64Array(old * 2)
    keys.set(this.keys)
    this.keys = keys
    this.chain = doubled(this.chain)
    this.before = doubled(this.before)
    this.after = doubled(this.after)
    for (let slot = old; slot < old * 2; slot++) this.entries.push(null)
    this.addFreeSlots(old)
    this.buckets = new Int32Array(old * 2).fill(NONE)
    this.shift--
    for (let slot = 0; slot < old; slot++) {
      const bucket = this.bucketOf(this.keys[slot])
      this.chain[slot] = this.buckets[bucket]
      this.buckets[bucket] = slot
    }
  }
}

function doubled(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
