import { expect, test } from 'vitest'
import { META, READ, TRACE, WRITE } from '../../engine/api/vocabulary.ts'
import { chunkMapOf } from '../../engine/api/array_map.ts'
import { frame, traceRows } from '../fixtures/frames.ts'
import { BioBook } from './bio_book.ts'
import { arrayNumber, diskNumber, LatencyBook } from './latency_book.ts'
import { classFloor, latencyClass, LatencyHistogram, LATENCY_CLASS_COUNT } from './latency_histogram.ts'
import { BUCKETS, LatencySeries, READ_IOS, WRITE_IOS, WRITE_SECTORS } from './latency_series.ts'
import { latencyWords, penaltyWords, readPenalty, writePenalty } from './latency_words.ts'
import { TraceBook } from './trace_book.ts'

const map = chunkMapOf({ level: 5, layout: 2, chunkSectors: 128, slotSectors: [2048, 2048, 2048, 2048] })!

test('classes of latency are equal steps of the logarithm, without gaps', () => {
  for (let index = 0; index < LATENCY_CLASS_COUNT; index++) expect(latencyClass(classFloor(index) * 1.001)).toBe(index)
  expect(latencyClass(0)).toBe(0)
  expect(latencyClass(Infinity)).toBe(LATENCY_CLASS_COUNT - 1)
})

test('quantiles are right to within a class', () => {
  const histogram = new LatencyHistogram()
  for (let i = 1; i <= 1000; i++) histogram.add(i * 1000)
  expect(histogram.quantile(0.5)).toBeGreaterThan(500e3 * 0.8)
  expect(histogram.quantile(0.5)).toBeLessThan(500e3 * 1.2)
  expect(histogram.quantile(0.99)).toBeGreaterThan(990e3 * 0.8)
  expect(histogram.quantile(1)).toBe(1e6)
  expect(histogram.mean).toBe(500500)
  expect(new LatencyHistogram().quantile(0.5)).toBe(0)
  expect(latencyWords(new LatencyHistogram())).toBe('none yet')
  expect(latencyWords(histogram)).toContain('longest 1 ms')
})

test('series forget what has left their window, and only that', () => {
  const series = new LatencySeries()
  series.add(0.5e6, false, 8)
  series.add(10e6, true, 8)
  series.add(10.2e6, false, 8)
  expect(series.perSecond(0, WRITE_IOS).filter((value) => value > 0)).toEqual([1000, 1000])
  expect(series.perSecond(0, WRITE_SECTORS).at(-1)).toBe(8000)
  expect(series.perSecond(0, READ_IOS).at(-1)).toBe(1000)
  series.reach(65e6)
  expect(series.perSecond(0, WRITE_IOS).filter((value) => value > 0)).toEqual([1000])
  expect(series.perSecond(1, WRITE_IOS).filter((value) => value > 0)).toEqual([100, 100])
  series.reach(1e12)
  expect(series.perSecond(3, WRITE_IOS)).toEqual(new Array(BUCKETS).fill(0))
})

const MD = arrayNumber(0)
const SDA = diskNumber(0)
const SDB = diskNumber(1)

/** Row 0: P on slot 3, data on the others. */
const SMALL_WRITE = traceRows(
  [1000, TRACE.bio_submit, 1, 0, MD, WRITE, 0, 8],
  [2000, TRACE.bio_submit, 2, 1, SDA, READ, 2048, 8],
  [2000, TRACE.bio_submit, 3, 1, SDB, READ, 2048, 8],
  [3000, TRACE.disk_io, 1, 0, 2, READ, 2048, 8],
  [3000, TRACE.bio_end, 2, 0, 0],
  [3500, TRACE.disk_io, 2, 1, 3, READ, 2048, 8],
  [3500, TRACE.bio_end, 3, 0, 1],
  [4000, TRACE.bio_submit, 4, 1, SDA, WRITE, 2048, 8],
  [4000, TRACE.bio_submit, 5, 1, diskNumber(3), WRITE, 2048, 8],
  [4000, TRACE.bio_submit, 6, 0, SDB, WRITE | META, 8, 2],
  [5000, TRACE.disk_io, 3, 0, 4, WRITE, 2048, 8],
  [5000, TRACE.bio_end, 4, 0, 0],
  [6000, TRACE.disk_io, 4, 3, 5, WRITE, 2048, 8],
  [6000, TRACE.bio_end, 5, 0, 3],
  [6500, TRACE.disk_io, 5, 1, 6, WRITE | META, 8, 2],
  [6500, TRACE.bio_end, 6, 0, 1],
  [7000, TRACE.bio_end, 1, 0, MD],
)

function readAll(rows: Float64Array): LatencyBook {
  const bios = new BioBook()
  const book = new LatencyBook()
  bios.read(rows)
  book.read(
    rows,
    frame({ time: 8000 }),
    (id) => bios.find(id),
    () => map,
  )
  return book
}

test('latencies are per device, from submission to the end', () => {
  const book = readAll(SMALL_WRITE)
  expect(book.device(MD).writes.max).toBe(6000)
  expect(book.device(SDA).reads.max).toBe(1000)
  expect(book.device(SDB).reads.max).toBe(1500)
  expect(book.device(diskNumber(3)).writes.count).toBe(1)
  expect(book.since).toBe(1000)
})

test('the small-write penalty: two reads and two writes, and the bitmap beside them', () => {
  const tally = readAll(SMALL_WRITE).tally(0)
  expect(tally).toMatchObject({ writes: 1, readsForWrites: 2, dataWrites: 1, parityWrites: 1, metadata: 1, sync: 0 })
  expect(penaltyWords('write', writePenalty(tally))).toBe(
    '1 write = 5.0 disk I/Os: 2.0 reads + 1.0 data writes + 1.0 parity writes + 1.0 superblock and bitmap',
  )
  expect(penaltyWords('read', readPenalty(tally))).toBe('no read so far')
})

test('a read of the array costs a read, and a resync is nobody’s', () => {
  const tally = readAll(
    traceRows(
      [1000, TRACE.bio_submit, 1, 0, MD, READ, 0, 8],
      [1000, TRACE.bio_submit, 2, 1, SDA, READ, 2048, 8],
      [2000, TRACE.disk_io, 1, 0, 2, READ, 2048, 8],
      [2000, TRACE.bio_end, 2, 0, 0],
      [2000, TRACE.bio_end, 1, 0, MD],
      [2000, TRACE.bio_submit, 3, 0, SDB, READ, 4096, 8],
      [3000, TRACE.disk_io, 2, 1, 3, READ, 4096, 8],
      [3000, TRACE.bio_end, 3, 1, 1],
    ),
  ).tally(0)
  expect(tally).toMatchObject({ reads: 1, readsForReads: 1, sync: 1 })
})

test('going back in time begins anew', () => {
  const bios = new BioBook()
  const book = new LatencyBook()
  bios.read(SMALL_WRITE)
  const read = (rows: Float64Array, time: number): void =>
    book.read(
      rows,
      frame({ time }),
      (id) => bios.find(id),
      () => map,
    )
  read(SMALL_WRITE, 8000)
  read(traceRows(), 500)
  expect(book.devices.size).toBe(0)
  expect(book.since).toBe(500)
})

test('the trace book keeps the newest', () => {
  const book = new TraceBook()
  for (let i = 0; i < 130; i++) {
    book.add(traceRows(...Array.from({ length: 1000 }, (_, j) => [i * 1000 + j, TRACE.disk_media])), [])
  }
  const rows = book.rows()
  expect(rows.length / 8).toBe(100_000)
  expect(rows[0]).toBe(30_000)
  expect(rows[rows.length - 8]).toBe(129_999)
})
