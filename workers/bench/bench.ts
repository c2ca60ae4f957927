/**
 * `npm run bench`: how fast the engine is, as ratios within one run, against floors. Prints a table; the exit status is 0 if
 * every ratio that was measured holds its floor.
 */
import { bareEvents, engineEvents } from './event_core.ts'
import { kernelWritesPerSecond, whyNoKernelWrites } from './kernel_writes.ts'
import { measureByTurns, median } from './measure.ts'
import { measureOnOpfs } from './opfs_figures.ts'
import { RaidWrites } from './raid_writes.ts'

const PENDING = 4096
const EVENTS = 1_000_000
const DISK_KIB = 64 * 1024
const DEPTH = 32
const WRITES = 50_000
const KERNEL_SECONDS = 5
const ROUNDS = 5
const BOOTS = 3

interface Row {
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
 * The engine and the kernel take turns, so that both get the same minutes of the machine. The floor is for the kernel on image
 * files, as it is asked everywhere else; on disks that are nothing but its memory it is shown, too.
 */
async function writesRows(): Promise<Row[]> {
  const name = `RAID-5 random 4 KiB writes, ${DEPTH} in flight: engine, Linux as a process`
  const engine = new RaidWrites(DISK_KIB, DEPTH)
  const ours: number[] = []
  const measureOurs = async (): Promise<void> => {
    const [seconds] = await measureByTurns(ROUNDS, [{ work: () => engine.write(WRITES) }])
    ours.push(WRITES / seconds)
  }
  await measureOurs()
  const reason = whyNoKernelWrites()
  if (reason !== null) return [{ what: name, ours: perSecond(ours), theirs: reason, ratio: null, floor: 10 }]
  const theirs = { image: [] as number[], ram: [] as number[] }
  for (let boot = 0; boot < BOOTS; boot++) {
    for (const disks of ['image', 'ram'] as const) {
      theirs[disks].push(await kernelWritesPerSecond({ disks, diskKib: DISK_KIB, seconds: KERNEL_SECONDS }))
      await measureOurs()
    }
  }
  const row = (disks: 'image' | 'ram', floor: number | null): Row => {
    const ratio = median(ours) / median(theirs[disks])
    const what = `${name}, ${disks === 'image' ? 'image files' : 'RAM disks'}`
    return { what, ours: perSecond(ours), theirs: perSecond(theirs[disks]), ratio, floor }
  }
  return [row('image', 10), row('ram', null)]
}

function perSecond(figures: readonly number[]): string {
  return `${median(figures).toFixed(0)}/s`
}

async function syncRows(): Promise<Row[]> {
  const { resync, bareResync, rebuild, bareRebuild } = await measureOnOpfs()
  const row = (what: string, ours: number, theirs: number): Row => {
    const name = `${what} of 4 × 128 MiB on OPFS: engine, bare loop`
    const [oursText, theirsText] = [ours, theirs].map((seconds) => `${(seconds * 1000).toFixed(0)} ms`)
    return { what: name, ours: oursText, theirs: theirsText, ratio: theirs / ours, floor: 0.5 }
  }
  return [row('resync', resync, bareResync), row('rebuild', rebuild, bareRebuild)]
}

function holds({ ratio, floor }: Row): boolean {
  return ratio === null || floor === null || ratio >= floor
}

function print(row: Row): void {
  const { what, ours, theirs, ratio, floor } = row
  const demand = floor === null ? '' : holds(row) ? `holds ${floor}` : `is below ${floor}`
  const verdict = ratio === null ? 'not measured' : `${ratio.toFixed(2)} ${demand}`
  console.log(`${what.padEnd(90)} ${ours.padStart(10)} ${theirs.padStart(10)}   ${verdict.trim()}`)
}

const rows: Row[] = []
for (const measure of [eventRow, writesRows, syncRows]) {
  for (const row of [await measure()].flat()) {
    rows.push(row)
    print(row)
  }
}
process.exitCode = rows.every(holds) ? 0 : 1
