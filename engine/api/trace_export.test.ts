import { expect, test } from 'vitest'
import { chromeTrace, chromeTraceText, type ChromeEvent, type TraceSource } from './trace_export.ts'
import { SYNC, TRACE, WRITE } from './vocabulary.ts'

const MD = 9 * 1048576
const SD = 8 * 1048576

function source(rows: readonly (readonly number[])[]): TraceSource {
  return {
    rows: new Float64Array(rows.flatMap((row) => [...row, 0, 0, 0, 0, 0, 0, 0].slice(0, 8))),
    commands: [{ command: 'dd of=/dev/md0', begun: 0, at: 9000, status: 0 }],
    names: { disks: ['sda', 'sdb'], arrays: new Map([[0, 'md0']]), mapped: new Map() },
    seed: 7,
  }
}

const WRITE_OF_TWO = source([
  [1000, TRACE.bio_submit, 1, 0, MD, WRITE | SYNC, 8, 8],
  [2000, TRACE.bio_submit, 2, 1, SD, WRITE, 2056, 8],
  [2500, TRACE.bio_submit, 3, 1, SD, WRITE, 2064, 8],
  [2600, TRACE.bio_submit, 4, 1, SD + 16, WRITE, 2056, 8],
  [3000, TRACE.bio_end, 2, 0, 0],
  [3500, TRACE.bio_end, 3, 1, 0],
  [4000, TRACE.power, 0, 3, 5],
])

const slices = (events: readonly ChromeEvent[]) => events.filter(({ ph, cat }) => ph === 'X' && cat === 'write')

test('a process for each device, arrays before disks', () => {
  const { traceEvents } = chromeTrace(WRITE_OF_TWO)
  const names = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args?.name)
  expect(names).toEqual(['machine', 'console', 'md0', 'sda', 'sdb'])
})

test('requests are slices of microseconds, and overlapping ones lie in lanes of their own', () => {
  const found = slices(chromeTrace(WRITE_OF_TWO).traceEvents)
  expect(found.map(({ name, pid, tid, ts, dur }) => [name, pid, tid, ts, dur])).toEqual([
    ['write 8+8', 10, 0, 1, 3],
    ['write 2056+8', 11, 0, 2, 1],
    ['write 2064+8', 11, 1, 2.5, 1],
    ['write 2056+8', 12, 0, 2.6, 1.4],
  ])
  expect(found[0].args).toMatchObject({ bio: 1, flags: 'sync' })
  expect(found.map(({ args }) => args?.failed)).toEqual(['yes', undefined, 'yes', 'yes'])
})

test('slices of one lane never overlap', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i * 10, TRACE.bio_submit, i + 1, 0, SD, WRITE, i, 1]).concat(
    Array.from({ length: 40 }, (_, i) => [i * 10 + 35, TRACE.bio_end, i + 1, 0, 0]),
  )
  const busy = new Map<number, number>()
  for (const { tid, ts = 0, dur = 0 } of slices(chromeTrace(source(rows.sort((a, b) => a[0] - b[0]))).traceEvents)) {
    expect(ts).toBeGreaterThanOrEqual(busy.get(tid) ?? 0)
    busy.set(tid, ts + dur)
  }
  expect(busy.size).toBe(4)
})

test('arrows lead from a request to those made for it', () => {
  const flows = chromeTrace(WRITE_OF_TWO).traceEvents.filter(({ cat }) => cat === 'flow')
  expect(flows.filter(({ ph }) => ph === 's').map(({ id, pid, ts }) => [id, pid, ts])).toEqual([
    [2, 10, 2],
    [3, 10, 2.5],
    [4, 10, 2.6],
  ])
  expect(flows.filter(({ ph }) => ph === 'f').map(({ id, pid, bp }) => [id, pid, bp])).toEqual([
    [2, 11, 'e'],
    [3, 11, 'e'],
    [4, 12, 'e'],
  ])
})

test('commands and events have their places, and the text is JSON', () => {
  const trace = JSON.parse(chromeTraceText(WRITE_OF_TWO)) as ReturnType<typeof chromeTrace>
  expect(trace.traceEvents.find(({ cat }) => cat === 'command')).toMatchObject({
    name: 'dd of=/dev/md0',
    ts: 0,
    dur: 9,
  })
  expect(trace.traceEvents.find(({ cat }) => cat === 'event')).toMatchObject({
    ph: 'i',
    s: 'g',
    name: 'power cut: of the sectors not flushed 3 survive, 5 are lost',
  })
  expect(trace.otherData).toMatchObject({ seed: 7 })
})

test('a request under way reaches to the last row, and says so', () => {
  const { traceEvents } = chromeTrace(
    source([
      [1000, TRACE.bio_submit, 1, 0, SD, WRITE, 8, 8],
      [5000, TRACE.disk_media],
    ]),
  )
  expect(slices(traceEvents)[0]).toMatchObject({ ts: 1, dur: 4, args: { unfinished: 'yes' } })
})
