import { memo, type ReactElement } from 'react'
import { byteRate, duration, perSecond } from '../draw/format.ts'
import {
  histogramBars,
  latencyTicks,
  latencyX,
  roundUp,
  roundUpBytes,
  stackedBars,
  type PlotSize,
} from '../draw/latency_plot.ts'

/** What the plots of one device are drawn from. */
export interface LatencySample {
  readonly name: string
  readonly readIos: readonly number[]
  readonly writeIos: readonly number[]
  readonly readBytes: readonly number[]
  readonly writeBytes: readonly number[]
  readonly readCounts: readonly number[]
  readonly writeCounts: readonly number[]
  readonly median: number
  readonly high: number
  readonly readWords: string
  readonly writeWords: string
  readonly flushWords: string
  readonly errors: number
}

const RATE: PlotSize = { width: 164, height: 44 }
const LATENCY: PlotSize = { width: 300, height: 44 }

/** Over what is shown, but for the stretch that is still being filled. */
const mean = (values: readonly number[]): number =>
  values.slice(0, -1).reduce((sum, value) => sum + value, 0) / Math.max(1, values.length - 1)

function RatePlot({
  what,
  reads,
  writes,
  words,
  round,
}: {
  what: string
  reads: readonly number[]
  writes: readonly number[]
  words: (value: number) => string
  round: (value: number) => number
}): ReactElement {
  const top = round(reads.reduce((most, value, i) => Math.max(most, value + writes[i]), 0))
  const paths = stackedBars(writes, reads, top, RATE)
  const said = `${what}: on average ${words(mean(writes))} written, ${words(mean(reads))} read; the scale ends at ${words(top)}`
  return (
    <svg className="plot" viewBox={`0 0 ${RATE.width} ${RATE.height + 15}`} role="img" aria-label={said}>
      <title>{said}</title>
      <path className="plot-axis" d={`M0 ${RATE.height}h${RATE.width}M0 0.5h${RATE.width}`} />
      <path className="plot-write" d={paths.lower} />
      <path className="plot-read" d={paths.upper} />
      <text x={0} y={RATE.height + 12}>
        {words(mean(writes) + mean(reads))}
      </text>
      <text x={RATE.width} y={RATE.height + 12} textAnchor="end" className="plot-dim">
        / {words(top)}
      </text>
    </svg>
  )
}

function LatencyPlot({ sample, range }: { sample: LatencySample; range: readonly [number, number] }): ReactElement {
  const { name, readCounts, writeCounts, median, high, readWords, writeWords } = sample
  const { width, height } = LATENCY
  const half = { width, height: height / 2 - 1 }
  const said = `Latency of ${name}. Writes: ${writeWords}. Reads: ${readWords}.`
  const x = (time: number): number => latencyX(time, range, width)
  return (
    <svg className="plot" viewBox={`0 0 ${width} ${height + 15}`} role="img" aria-label={said}>
      <title>{said}</title>
      {latencyTicks(range).map((tick) => (
        <g key={tick}>
          <path className="plot-axis" d={`M${x(tick)} 0V${height}`} />
          {x(tick) > 14 && x(tick) < width - 20 && (
            <text x={x(tick)} y={height + 12} textAnchor="middle" className="plot-dim">
              {duration(tick)}
            </text>
          )}
        </g>
      ))}
      <path className="plot-axis" d={`M0 ${half.height}h${width}M0 ${height}h${width}`} />
      <path className="plot-write" d={histogramBars(writeCounts, range, half)} />
      <path
        className="plot-read"
        transform={`translate(0 ${height / 2 + 1})`}
        d={histogramBars(readCounts, range, half)}
      />
      {high > 0 && <path className="plot-median" d={`M${x(median)} 0V${height}`} />}
      {high > 0 && <path className="plot-high" d={`M${x(high)} 0V${height}`} />}
      <text x={0} y={11} className="plot-letter">
        W
      </text>
      <text x={0} y={height / 2 + 12} className="plot-letter">
        R
      </text>
    </svg>
  )
}

/** One device: I/Os and bytes per second, and how long they took. */
export const LatencyRow = memo(function LatencyRow({
  sample,
  range,
}: {
  sample: LatencySample
  range: readonly [number, number]
}): ReactElement {
  return (
    <tr>
      <th scope="row">{sample.name}</th>
      <td>
        <RatePlot
          what={`I/Os of ${sample.name}`}
          reads={sample.readIos}
          writes={sample.writeIos}
          words={perSecond}
          round={roundUp}
        />
      </td>
      <td>
        <RatePlot
          what={`Bytes of ${sample.name}`}
          reads={sample.readBytes}
          writes={sample.writeBytes}
          words={byteRate}
          round={roundUpBytes}
        />
      </td>
      <td>
        <LatencyPlot sample={sample} range={range} />
      </td>
      <td className="plot-words number">
        <span>W {sample.writeWords}</span>
        <span>R {sample.readWords}</span>
        <span>
          flushes {sample.flushWords}
          {sample.errors > 0 && <span className="danger"> · {sample.errors} failed</span>}
        </span>
      </td>
    </tr>
  )
}, sameSample)

function sameSample(
  a: { sample: LatencySample; range: readonly [number, number] },
  b: { sample: LatencySample; range: readonly [number, number] },
): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
