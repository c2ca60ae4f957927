/** The small-write penalty and the latencies in words and figures. */
import { count, duration } from '../draw/format.ts'
import type { MemberTally } from './latency_book.ts'
import type { LatencyHistogram } from './latency_histogram.ts'

/** A part of what one request costs on the members. */
export interface PenaltyPart {
  readonly label: string
  /** Member I/Os per request to the array. */
  readonly each: number
  readonly kind: 'read' | 'data' | 'parity' | 'other'
}

export interface Penalty {
  readonly requests: number
  /** Member I/Os per request, in all. */
  readonly each: number
  readonly parts: readonly PenaltyPart[]
}

const per = (value: number, requests: number): number => (requests === 0 ? 0 : value / requests)

function penaltyOf(requests: number, parts: readonly (readonly [string, number, PenaltyPart['kind']])[]): Penalty {
  const shown = parts
    .map(([label, value, kind]) => ({ label, each: per(value, requests), kind }))
    .filter(({ each }) => each > 0)
  return { requests, each: shown.reduce((sum, { each }) => sum + each, 0), parts: shown }
}

export function readPenalty(tally: MemberTally): Penalty {
  return penaltyOf(tally.reads, [['reads', tally.readsForReads, 'read']])
}

/** Superblocks, bitmap and flushes are there for the sake of writes. */
export function writePenalty(tally: MemberTally): Penalty {
  return penaltyOf(tally.writes, [
    ['reads', tally.readsForWrites, 'read'],
    ['data writes', tally.dataWrites, 'data'],
    ['parity writes', tally.parityWrites, 'parity'],
    ['writes of copies', tally.copyWrites, 'data'],
    ['superblock and bitmap', tally.metadata, 'other'],
    ['flushes', tally.flushes, 'other'],
  ])
}

/** A ratio, with as many digits as it deserves. */
export function ratio(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)
}

export function penaltyWords(verb: string, { requests, each, parts }: Penalty): string {
  if (requests === 0) return `no ${verb} so far`
  const said = parts.map((part) => `${ratio(part.each)} ${part.label}`).join(' + ')
  return `1 ${verb} = ${ratio(each)} disk I/Os${said === '' ? '' : `: ${said}`}`
}

/** `median 104 µs, 99 % within 1.2 ms, longest 4 ms`. */
export function latencyWords(histogram: LatencyHistogram): string {
  if (histogram.count === 0) return 'none yet'
  return [
    `${count(histogram.count)} done`,
    `median ${duration(histogram.quantile(0.5))}`,
    `99% within ${duration(histogram.quantile(0.99))}`,
    `longest ${duration(histogram.max)}`,
  ].join(', ')
}
