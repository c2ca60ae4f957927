import { expect, test } from 'vitest'
import type { RecordedSlice } from '../../engine/api/timeline_tracks.ts'
import { TimelineIndex } from '../../engine/lab/history_index.ts'
import { Trace, TRACE } from '../../engine/sim/trace.ts'
import { RecordingBook } from './recording_book.ts'

class Recorded {
  readonly index = new TimelineIndex()
  readonly trace = new Trace()
  steps = 0
  branch = 'branch 1'

  /** Steps go round three disks; each fifth is a read. */
  go(steps: number): void {
    for (let i = 0; i < steps; i++) {
      const step = ++this.steps
      this.trace.emit(step * 10, TRACE.disk_io, step, step % 3, 0, step % 5 === 0 ? 0 : 1, 0, 8)
      this.index.follow(this.trace)
    }
  }

  slice(from: number): RecordedSlice {
    return { ...this.index.slice(from), branch: this.branch, steps: this.steps }
  }
}

const SDB = { kind: 'disk', number: 1 } as const

test('pieces that are asked for one after the other add up, also when buckets are joined', () => {
  const recorded = new Recorded()
  const book = new RecordingBook()
  for (const steps of [3, 500, 1, 900, 4000, 20]) {
    recorded.go(steps)
    if (!book.take(recorded.slice(book.nextBucket))) expect(book.take(recorded.slice(0))).toBe(true)
    const whole = new RecordingBook()
    whole.take(recorded.slice(0))
    for (const columns of [['reads'], ['writes'], ['reads', 'writes']]) {
      expect(book.sum(SDB, columns, 0, recorded.steps + 1)).toBe(whole.sum(SDB, columns, 0, recorded.steps + 1))
    }
    expect(book.sum(SDB, ['reads', 'writes'], 0, recorded.steps + 1)).toBe(Math.floor((recorded.steps + 2) / 3))
    expect(book.steps).toBe(recorded.steps)
  }
  expect(book.stepsPerBucket).toBeGreaterThan(1)
  expect(book.timeOf(800)).toBe(800 * 10)
})

test('another branch is another recording', () => {
  const recorded = new Recorded()
  const book = new RecordingBook()
  recorded.go(100)
  book.take(recorded.slice(0))
  recorded.branch = 'branch 2'
  expect(book.take(recorded.slice(book.nextBucket))).toBe(false)
  expect(book.tracks().map(({ kind }) => kind)).toEqual(['lines', 'power', 'faults'])
  expect(book.take(recorded.slice(book.nextBucket))).toBe(true)
  expect(book.tracks().slice(3)).toEqual([0, 1, 2].map((number) => ({ kind: 'disk', number })))
})

test('a stretch in words', () => {
  const recorded = new Recorded()
  const book = new RecordingBook()
  recorded.go(30)
  book.take(recorded.slice(0))
  expect(book.words(SDB, 0, 31)).toBe('2 reads, 8 writes')
  expect(book.words(SDB, 10, 11)).toBe('1 read')
  expect(book.words(SDB, 11, 12)).toBe('nothing')
})
