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
const DISK_KIB = 128 * 1024
const DEPTH = 32
const WRITES = 100_000
const KERNEL_SECONDS = 5
const ROUNDS = 7
const BOOTS = 2

interface Row {
  readonly what: string
  readonly ours: string
  readonly theirs: string
  /** null where it could not be measured. */
  readonly ratio: number | null
  readonly floor: number
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

/** The engine and the kernel take turns, so that both get the same minutes of the machine. */
async function writesRow(): Promise<Row> {
  const what = `RAID-5 random 4 KiB writes, ${DEPTH} in flight: engine, Linux as a process`
  const engine = new RaidWrites(DISK_KIB, DEPTH)
  const reason = whyNoKernelWrites()
  const ours: number[] = []
  const theirs: number[] = []
  const measureOurs = async (): Promise<void> => {
    const [seconds] = await measureByTurns(ROUNDS, [{ work: () => engine.write(WRITES) }])
    ours.push(WRITES / seconds)
  }
  await measureOurs()
  for (let i = 0; i < BOOTS && reason === null; i++) {
    theirs.push(await kernelWritesPerSecond({ disks: 'loop', diskKib: DISK_KIB, seconds: KERNEL_SECONDS }))
    await measureOurs()
  }
  return {
    what,
    ours: `${median(ours).toFixed(0)}/s`,
    theirs: reason === null ? `${median(theirs).toFixed(0)}/s` : reason,
    ratio: reason === null ? median(ours) / median(theirs) : null,
    floor: 10,
  }
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

function print({ what, ours, theirs, ratio, floor }: Row): void {
  const verdict =
    ratio === null ? 'not measured' : `${ratio.toFixed(2)} ${ratio >= floor ? 'holds' : 'is below'} ${floor}`
  console.log(`${what.padEnd(76)} ${ours.padStart(12)} ${theirs.padStart(12)}   ${verdict}`)
}

const rows: Row[] = []
for (const measure of [eventRow, writesRow, syncRows]) {
  for (const row of [await measure()].flat()) {
    rows.push(row)
    print(row)
  }
}
process.exitCode = rows.some(({ ratio, floor }) => ratio !== null && ratio < floor) ? 1 : 0
