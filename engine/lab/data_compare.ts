/**
 * Whether the arrays of two machines hold the same data for whoever reads them, at one instant. Page by page, as many at a time as the
 * caller likes: neither machine may go on in between.
 */
import type { MdArray } from '../md/array.ts'
import { PAGE_BYTES, PAGE_SECTORS, readArrayPage } from './array_data.ts'
import type { Machine } from './machine.ts'

const SECTOR_WORDS = 128

/** What is known so far of the arrays of one name. Sectors are the array's. */
export interface SameData {
  /** As below /dev. */
  readonly array: string
  /** Of each machine; -1 where it has no such array. */
  readonly sectors: readonly [number, number]
  /** So many were held against each other, … */
  readonly looked: number
  /** … of so many that both have, … */
  readonly common: number
  /** … and so many of them are not the same; the first, or -1. */
  readonly differing: number
  readonly first: number
  /** Could not be read on one of them. */
  readonly unread: number
}

interface Work extends SameData {
  readonly arrays: readonly [MdArray, MdArray] | null
  looked: number
  differing: number
  first: number
  unread: number
}

export class DataCompare {
  readonly #work: readonly Work[]
  readonly #pages = [new Uint8Array(PAGE_BYTES), new Uint8Array(PAGE_BYTES)] as const
  readonly #words = this.#pages.map(({ buffer }) => new Int32Array(buffer))

  constructor(left: Machine, right: Machine) {
    const names = new Set([left, right].flatMap(({ kernel }) => kernel.arrays.map(({ name }) => name)))
    this.#work = [...names].sort().map((name) => {
      const [a, b] = [left, right].map(({ kernel }) => kernel.arrays.find((array) => array.name === name))
      const sectors = [a?.sectors ?? -1, b?.sectors ?? -1] as const
      const common = Math.max(0, Math.min(...sectors))
      const whole = common - (common % PAGE_SECTORS)
      const arrays = a === undefined || b === undefined ? null : ([a, b] as const)
      return { array: name, arrays, sectors, common: whole, looked: 0, differing: 0, first: -1, unread: 0 }
    })
  }

  get isDone(): boolean {
    return this.#work.every(({ looked, common }) => looked === common)
  }

  /** Pages that are still to be looked at. */
  get left(): number {
    return this.#work.reduce((sum, { looked, common }) => sum + (common - looked) / PAGE_SECTORS, 0)
  }

  /** @param pagesMax no more than so many */
  work(pagesMax: number): void {
    let left = pagesMax
    for (const one of this.#work) for (; left > 0 && one.looked < one.common; left--) this.#look(one)
  }

  result(): readonly SameData[] {
    return this.#work.map(({ array, sectors, looked, common, differing, first, unread }) => {
      return { array, sectors, looked, common, differing, first, unread }
    })
  }

  #look(one: Work): void {
    if (one.arrays === null) return
    const at = one.looked
    one.looked += PAGE_SECTORS
    const isRead = one.arrays.map((array, side) => readArrayPage(array, at, this.#pages[side]))
    if (!isRead.every(Boolean)) {
      one.unread += PAGE_SECTORS
      return
    }
    const [a, b] = this.#words
    for (let sector = 0; sector < PAGE_SECTORS; sector++) {
      const end = (sector + 1) * SECTOR_WORDS
      let i = sector * SECTOR_WORDS
      while (i < end && a[i] === b[i]) i++
      if (i === end) continue
      if (one.first < 0) one.first = at + sector
      one.differing++
    }
  }
}
