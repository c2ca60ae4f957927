/** What two machines have done up to the same instant, side by side. */
import type { Census, DiskCount, TotalCount } from './census.ts'
import type { Machine } from './machine.ts'
import type { Pair } from './pair.ts'

export type Unit = 'count' | 'bytes' | 'time'

/** One number of both. */
export interface Counter {
  readonly name: string
  readonly unit: Unit
  readonly left: number
  readonly right: number
}

/** What one disk has done, on both. */
export interface DiskCounters {
  readonly disk: string
  readonly counters: readonly Counter[]
}

export interface Counters {
  readonly totals: readonly Counter[]
  readonly disks: readonly DiskCounters[]
}

type Both = readonly [Census, Census]

const SECTOR = 512

/** @returns null where nothing is compared */
export function countersOf(pair: Pair): Counters | null {
  const both = pair.census()
  const twin = pair.twin
  if (both === null || twin === null) return null
  const machines = [pair.session.machine, twin.session.machine] as const
  const now = pair.sim.now
  const total = (name: string, count: TotalCount, unit: Unit = 'count'): Counter => {
    const [left, right] = both.map((census) => census.total(count, now) * (unit === 'bytes' ? SECTOR : 1))
    return { name, unit, left, right }
  }
  return {
    totals: [
      ...ofDisks(both, (census, count) => census.allDisks(count)),
      total('data writes', 'dataWrites'),
      total('parity writes', 'parityWrites'),
      total('superblock writes', 'superblockWrites'),
      total('bitmap writes', 'bitmapWrites'),
      total('resynced', 'syncedSectors', 'bytes'),
      total('time of resync', 'syncTime', 'time'),
      { name: 'mismatch_cnt', unit: 'count', left: mismatches(machines[0]), right: mismatches(machines[1]) },
    ],
    disks: namesOf(machines).map((disk) => {
      const places = machines.map((machine) => machine.disks().findIndex(({ name }) => name === disk))
      return { disk, counters: ofDisks(both, (census, count, side) => census.disk(places[side], count)) }
    }),
  }
}

function ofDisks(both: Both, read: (census: Census, count: DiskCount, side: number) => number): Counter[] {
  const counter = (name: string, count: DiskCount, unit: Unit = 'count'): Counter => {
    const [left, right] = both.map((census, side) => read(census, count, side) * (unit === 'bytes' ? SECTOR : 1))
    return { name, unit, left, right }
  }
  return [
    counter('reads', 'reads'),
    counter('read', 'readSectors', 'bytes'),
    counter('writes', 'writes'),
    counter('written', 'writtenSectors', 'bytes'),
    counter('flushes', 'flushes'),
  ]
}

function namesOf(machines: readonly Machine[]): string[] {
  return [...new Set(machines.flatMap((machine) => machine.disks().map(({ name }) => name)))]
}

function mismatches(machine: Machine): number {
  return machine.kernel.arrays.reduce((sum, array) => sum + array.mismatches, 0)
}
