/** What dd says on standard error at its end, with virtual time for the clock. */
import { SECOND } from '../sim/sim.ts'

export interface DdCounts {
  readonly readFull: number
  readonly readPartial: number
  readonly writtenFull: number
  readonly writtenPartial: number
  readonly writtenBytes: number
}

/** @param elapsed in nanoseconds. */
export function ddReport(counts: DdCounts, elapsed: number, transfer: boolean): string {
  const { readFull, readPartial, writtenFull, writtenPartial, writtenBytes } = counts
  const records = `${readFull}+${readPartial} records in\n${writtenFull}+${writtenPartial} records out\n`
  if (!transfer) return records
  const si = humanSize(writtenBytes, 1000)
  const iec = humanSize(writtenBytes, 1024)
  const sizes = si.endsWith(' B') ? '' : iec.endsWith(' B') ? ` (${si})` : ` (${si}, ${iec})`
  const seconds = elapsed / SECOND
  const rate = elapsed === 0 ? 'Infinity B' : humanSize(writtenBytes / seconds, 1000, 1)
  const bytes = writtenBytes === 1 ? '1 byte' : `${writtenBytes} bytes`
  return `${records}${bytes}${sizes} copied, ${Number(seconds.toPrecision(6))} s, ${rate}/s\n`
}

/** Two digits with a point below 10 units, whole numbers above: `1.0 MB`, `131 kB`. */
function humanSize(bytes: number, base: 1000 | 1024, leastPrefix = 0): string {
  const prefixes = base === 1000 ? ['', 'k', 'M', 'G', 'T', 'P'] : ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']
  let value = bytes
  let prefix = 0
  while (prefix < leastPrefix || (prefix < prefixes.length - 1 && Math.round(value) >= base)) {
    value /= base
    prefix++
  }
  const text = prefix > 0 && Math.round(value * 10) < 100 ? value.toFixed(1) : String(Math.round(value))
  return `${text} ${prefixes[prefix]}B`
}
