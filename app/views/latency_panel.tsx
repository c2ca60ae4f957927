import { useState, type CSSProperties, type ReactElement } from 'react'
import { classRange } from '../draw/latency_plot.ts'
import { duration } from '../draw/format.ts'
import { picture } from '../model/engine.ts'
import { arrayNumber, diskNumber, type DeviceLatency } from '../model/latency_book.ts'
import { BUCKETS, BUCKET_WIDTHS, READ_IOS, READ_SECTORS, WRITE_IOS, WRITE_SECTORS } from '../model/latency_series.ts'
import { latencyWords, penaltyWords, ratio, readPenalty, writePenalty, type Penalty } from '../model/latency_words.ts'
import { ActionButton } from './action_button.tsx'
import { LatencyRow, type LatencySample } from './latency_row.tsx'
import { Segments } from './segments.tsx'
import { useSampled } from './use_sampled.ts'

const WINDOWS = BUCKET_WIDTHS.map((width, i) => [String(i), duration(width * BUCKETS)] as const)

function sampleOf(name: string, device: DeviceLatency, resolution: number): LatencySample {
  const { series, reads, writes, flushes } = device
  const main = writes.count >= reads.count ? writes : reads
  const toBytes = (column: number): number[] => series.perSecond(resolution, column).map((sectors) => sectors * 512)
  return {
    name,
    readIos: series.perSecond(resolution, READ_IOS),
    writeIos: series.perSecond(resolution, WRITE_IOS),
    readBytes: toBytes(READ_SECTORS),
    writeBytes: toBytes(WRITE_SECTORS),
    readCounts: [...reads.counts],
    writeCounts: [...writes.counts],
    median: main.quantile(0.5),
    high: main.quantile(0.99),
    readWords: latencyWords(reads),
    writeWords: latencyWords(writes),
    flushWords: latencyWords(flushes),
    errors: device.errors,
  }
}

interface Sampled {
  readonly devices: readonly LatencySample[]
  readonly penalties: readonly {
    readonly array: string
    readonly write: Penalty
    readonly read: Penalty
    readonly sync: number
  }[]
  readonly since: number
}

function takeSample(resolution: number): Sampled {
  const { latency, frame } = picture()
  if (!frame || !latency) return { devices: [], penalties: [], since: 0 }
  return {
    devices: [
      ...frame.arrays.map(({ name, minor }) => sampleOf(name, latency.device(arrayNumber(minor)), resolution)),
      ...frame.disks.map(({ name, index }) => sampleOf(name, latency.device(diskNumber(index)), resolution)),
    ],
    penalties: frame.arrays.map(({ name, minor }) => {
      const tally = latency.tally(minor)
      return { array: name, write: writePenalty(tally), read: readPenalty(tally), sync: tally.sync }
    }),
    since: Math.max(0, frame.time - latency.since),
  }
}

/** What one request to the array cost on its members, as blocks of as many disk I/Os. */
function PenaltyBar({ verb, penalty }: { verb: string; penalty: Penalty }): ReactElement {
  return (
    <div className="penalty">
      <p>{penaltyWords(verb, penalty)}</p>
      <div className="penalty-bar" aria-hidden="true">
        {penalty.parts.map(({ label, each, kind }) => (
          <div key={label} className={`penalty-part penalty-${kind}`} style={{ '--each': each } as CSSProperties}>
            <span>
              {ratio(each)} {label}
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}

/** Rates and latencies of every device, and the price of writing to an array. */
export function LatencyPanel(): ReactElement {
  const [resolution, setResolution] = useState('0')
  const { devices, penalties, since } = useSampled(() => takeSample(Number(resolution)), [resolution])
  const range = classRange(devices.flatMap(({ readCounts, writeCounts }) => [readCounts, writeCounts]))
  return (
    <section aria-label="Performance" className="dialog-part latency">
      <div className="form-row">
        <h3 className="panel-title">Performance</h3>
        <span className="dialog-note number">counted over {duration(since)} of virtual time</span>
        <ActionButton
          className="button-small"
          hint="Forgets what was counted so far"
          onClick={() => picture().latency?.clear()}
        >
          Count from now
        </ActionButton>
        <Segments legend="rates over" options={WINDOWS} value={resolution} onChange={setResolution} />
      </div>
      {penalties.map(({ array, write, read, sync }) => (
        <div key={array} className="penalties">
          <h4>What a request to {array} costs on its disks</h4>
          <PenaltyBar verb="write" penalty={write} />
          <PenaltyBar verb="read" penalty={read} />
          {sync > 0 && <p className="dialog-note number">Beside that, {sync} disk I/Os of resync, rebuild or check.</p>}
        </div>
      ))}
      <div className="latency-scroll scroll" tabIndex={0} role="region" aria-label="Rates and latencies by device">
        <table className="latency-table">
          <thead>
            <tr>
              <th scope="col">device</th>
              <th scope="col">I/Os: mean / top of scale</th>
              <th scope="col">bytes: mean / top of scale</th>
              <th scope="col">
                latency, <span className="plot-key plot-key-median">median</span>{' '}
                <span className="plot-key plot-key-high">99 %</span>
              </th>
              <th scope="col">
                <span className="plot-key plot-key-write">W writes</span>{' '}
                <span className="plot-key plot-key-read">R reads</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {devices.map((sample) => (
              <LatencyRow key={sample.name} sample={sample} range={range} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
