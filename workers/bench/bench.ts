/**
 * `npm run bench`: how fast the engine is, as ratios within one run, against floors; how smooth the page is, against roofs. Prints a
 * table; the exit status is 0 if everything that was measured holds. Words after it (`npm run bench -- page time`) choose parts.
 */
import { availableParallelism, loadavg } from 'node:os'
import { bufioRow } from './bufio_hits.ts'
import { digestRows } from './digest_rates.ts'
import { bareEvents, engineEvents } from './event_core.ts'
import { kernelResyncSeconds, kernelWritesPerSecond, whyNoKernelWrites } from './kernel_writes.ts'
import { measureByTurns, median } from './measure.ts'
import { measureOnOpfs } from './opfs_figures.ts'
import { measurePage } from './page_figures.ts'
import { parityRows } from './parity_rates.ts'
import { RaidWrites, type ArrayShape } from './raid_writes.ts'
import { holdsRoof, printRoof, type Roof } from './roofs.ts'
import { measureTimeTravel } from './time_figures.ts'

const PENDING = 4096
const EVENTS = 1_000_000
const DISK_KIB = 64 * 1024
const DEPTH = 32
const WRITES = 50_000
const KERNEL_SECONDS = 5
const ROUNDS = 5
const BOOTS = 3

export interface Row {
  readonly what: string
  readonly ours: string
  readonly theirs: string
  /** null where it could not be measured. */
  readonly ratio: number | null
  /** null where nothing is demanded. */
  readonly floor: number | null
}

async function eventRow(): Promise<Row> {
  const engine = engineEvents(PENDING)
  const bare = bareEvents(PENDING)
  const [ours, theirs] = await measureByTurns(ROUNDS, [{ work: () => engine(EVENTS) }, { work: () => bare(EVENTS) }])
  return {
    what: `events, ${PENDING} pending: engine, bare loop on the same heap`,
    ours: `${(EVENTS / ours / 1e6).toFixed(1)} M/s`,
    theirs: `${(EVENTS / theirs / 1e6).toFixed(1)} M/s`,
    ratio: theirs / ours,
    floor: 0.5,
  }
}

/**
 * Ways to keep {@link DEPTH} writes under way in the kernel. As many programs that each wait for their write is what a shell can
 * do, and what the floor is for; one program with the kernel's asynchronous I/O is the most that can be had, on disks that are
 * nothing but memory the more so. The engine's own workload is of the second kind.
 */
const RAID5_WAYS = [
  { name: `${DEPTH} programs, image files`, disks: 'image', programs: DEPTH, depth: 1, floor: 10 },
  { name: 'asynchronous, image files', disks: 'image', programs: 1, depth: DEPTH, floor: null },
  { name: 'asynchronous, RAM disks', disks: 'ram', programs: 1, depth: DEPTH, floor: null },
] as const
const RAID6_WAYS = [{ ...RAID5_WAYS[0], floor: 6 }] as const

const RAID5: ArrayShape = { level: 5, members: 4 }
const RAID6: ArrayShape = { level: 6, members: 5 }

interface KernelWay {
  readonly name: string
  readonly disks: 'image' | 'ram'
  readonly programs: number
  readonly depth: number
  readonly floor: number | null
}

/** The engine and the kernel take turns, so that both get the same minutes of the machine. */
async function writesRows(shape: ArrayShape, ways: readonly KernelWay[]): Promise<Row[]> {
  const what = `RAID-${shape.level} random 4 KiB writes, ${DEPTH} in flight: engine, Linux as a process`
  const engine = new RaidWrites(shape, DISK_KIB, DEPTH)
  const ours: number[] = []
  const measureOurs = async (): Promise<void> => {
    const [seconds] = await measureByTurns(ROUNDS, [{ work: () => engine.write(WRITES) }])
    ours.push(WRITES / seconds)
  }
  await measureOurs()
  const reason = whyNoKernelWrites()
  if (reason !== null) return [{ what, ours: perSecond(ours), theirs: reason, ratio: null, floor: ways[0].floor }]
  const theirs = ways.map((): number[] => [])
  for (let boot = 0; boot < BOOTS; boot++) {
    for (const [i, { disks, programs, depth }] of ways.entries()) {
      const load = { ...shape, disks, diskKib: DISK_KIB, programs, depth, seconds: KERNEL_SECONDS }
      theirs[i].push(await kernelWritesPerSecond(load))
      await measureOurs()
    }
  }
  return ways.map(({ name, floor }, i) => ({
    what: `${what}, ${name}`,
    ours: perSecond(ours),
    theirs: perSecond(theirs[i]),
    ratio: median(ours) / median(theirs[i]),
    floor,
  }))
}

function perSecond(figures: readonly number[]): string {
  return `${median(figures).toFixed(0)}/s`
}

async function syncRows(): Promise<Row[]> {
  const { resync, bareResync, rebuild, bareRebuild, resync6, bareResync6 } = await measureOnOpfs()
  const row = (what: string, ours: number, theirs: number): Row => {
    const name = `${what} × 128 MiB on OPFS: engine, bare loop`
    const [oursText, theirsText] = [ours, theirs].map((seconds) => `${(seconds * 1000).toFixed(0)} ms`)
    return { what: name, ours: oursText, theirs: theirsText, ratio: theirs / ours, floor: 0.5 }
  }
  return [
    row('resync of 4', resync, bareResync),
    row('rebuild of 4', rebuild, bareRebuild),
    row('RAID-6 resync of 5', resync6, bareResync6),
    await kernelResyncRow(resync6),
  ]
}

/** @param ours seconds */
async function kernelResyncRow(ours: number): Promise<Row> {
  const row = {
    what: 'RAID-6 resync of 5 × 128 MiB: engine on OPFS, Linux as a process',
    ours: `${(ours * 1000).toFixed(0)} ms`,
  }
  const reason = whyNoKernelWrites()
  if (reason !== null) return { ...row, theirs: reason, ratio: null, floor: 10 }
  const boots: number[] = []
  for (let boot = 0; boot < BOOTS; boot++) {
    boots.push(await kernelResyncSeconds({ ...RAID6, disks: 'image', diskKib: 128 * 1024 }))
  }
  const theirs = median(boots)
  return { ...row, theirs: `${(theirs * 1000).toFixed(0)} ms`, ratio: theirs / ours, floor: 10 }
}

function holds({ ratio, floor }: Row): boolean {
  return ratio === null || floor === null || ratio >= floor
}

function print(row: Row): void {
  const { what, ours, theirs, ratio, floor } = row
  const demand = floor === null ? '' : holds(row) ? `holds ${floor}` : `is below ${floor}`
  const verdict = ratio === null ? 'not measured' : `${ratio.toFixed(2)} ${demand}`
  console.log(`${what.padEnd(112)} ${ours.padStart(10)} ${theirs.padStart(10)}   ${verdict.trim()}`)
}

let isHeld = true

async function ratios(measure: () => Promise<Row | Row[]>): Promise<void> {
  for (const row of [await measure()].flat()) {
    print(row)
    isHeld &&= holds(row)
  }
}

async function roofs(measured: AsyncIterable<Roof> | Iterable<Roof>): Promise<void> {
  for await (const row of measured) {
    printRoof(row)
    isHeld &&= holdsRoof(row)
  }
}

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  events: () => ratios(eventRow),
  parity: () => ratios(parityRows),
  bufio: () => ratios(bufioRow),
  digests: () => ratios(digestRows),
  writes: async () => {
    await ratios(() => writesRows(RAID5, RAID5_WAYS))
    await ratios(() => writesRows(RAID6, RAID6_WAYS))
  },
  syncs: () => ratios(syncRows),
  time: () => roofs(measureTimeTravel()),
  page: () => roofs(measurePage()),
}

const words = process.argv.slice(2)
const unknown = words.filter((word) => !(word in PARTS))
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}: one of ${Object.keys(PARTS).join(', ')}, or nothing for all`)
  process.exit(2)
}
if (loadavg()[0] > availableParallelism()) {
  console.log(
    'This machine is busy with other things: what is measured by the clock (Pause, cold load) will be too much.',
  )
}
for (const name of words.length > 0 ? words : Object.keys(PARTS)) await PARTS[name]()
process.exitCode = isHeld ? 0 : 1
