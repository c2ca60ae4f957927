/** Shapes of the small plots of rates and latencies, as paths in pixels. */
import { scaleLinear } from 'd3-scale'
import { classFloor, LATENCY_CLASS_COUNT } from '../model/latency_histogram.ts'

export interface PlotSize {
  readonly width: number
  readonly height: number
}

const number = (value: number): string => String(Math.round(value * 10) / 10)

/** The next number with one digit that is not below: a scale that does not shake. */
export function roundUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const digit = [1, 2, 3, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10
  return digit * power
}

/** The same for bytes, whose units are powers of 1024. */
export function roundUpBytes(value: number): number {
  const unit = value <= 0 ? 1 : 1024 ** Math.floor(Math.log2(value) / 10)
  return Math.min(roundUp(value / unit), 1024) * unit
}

/** Bars from below upwards, the second kind on top of the first. */
export function stackedBars(
  lower: readonly number[],
  upper: readonly number[],
  top: number,
  { width, height }: PlotSize,
): { readonly lower: string; readonly upper: string } {
  const y = scaleLinear([0, top], [height, 0])
  const each = width / Math.max(1, lower.length)
  const paths = { lower: '', upper: '' }
  lower.forEach((value, i) => {
    const x = number(i * each)
    const wide = number(Math.max(0.5, each - 0.6))
    const base = y(value)
    if (value > 0) paths.lower += `M${x} ${height}V${number(base)}h${wide}V${height}z`
    if (upper[i] > 0) paths.upper += `M${x} ${number(base)}V${number(y(value + upper[i]))}h${wide}V${number(base)}z`
  })
  return paths
}

export interface HistogramShape {
  readonly bars: string
  /** Classes that are shown: from the first to before the last. */
  readonly from: number
  readonly to: number
}

/** The classes that several histograms need, with some room around. */
export function classRange(histograms: readonly ArrayLike<number>[]): readonly [from: number, to: number] {
  let from = LATENCY_CLASS_COUNT
  let to = 0
  for (const counts of histograms) {
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0) continue
      from = Math.min(from, i)
      to = Math.max(to, i + 1)
    }
  }
  return from >= to ? [24, 64] : [Math.max(0, from - 4), Math.min(LATENCY_CLASS_COUNT, to + 4)]
}

/** A distribution as bars whose heights are shares of the fullest class. */
export function histogramBars(
  counts: ArrayLike<number>,
  [from, to]: readonly [number, number],
  { width, height }: PlotSize,
): string {
  let fullest = 0
  for (let i = from; i < to; i++) fullest = Math.max(fullest, counts[i])
  if (fullest === 0) return ''
  const each = width / (to - from)
  let path = ''
  for (let i = from; i < to; i++) {
    if (counts[i] === 0) continue
    // What happened at all is seen.
    const tall = Math.max(1.5, (counts[i] / fullest) * height)
    path += `M${number((i - from) * each)} ${height}v${number(-tall)}h${number(Math.max(0.8, each - 0.6))}V${height}z`
  }
  return path
}

/** Where a latency lies on the axis, in pixels. */
export function latencyX(nanoseconds: number, [from, to]: readonly [number, number], width: number): number {
  const x = scaleLinear([Math.log2(classFloor(from)), Math.log2(classFloor(to))], [0, width])
  return Math.max(0, Math.min(width, x(Math.log2(Math.max(1, nanoseconds)))))
}

/** Powers of ten within the range, for the axis. */
export function latencyTicks([from, to]: readonly [number, number]): readonly number[] {
  const ticks: number[] = []
  for (let tick = 100; tick <= classFloor(to); tick *= 10) if (tick >= classFloor(from)) ticks.push(tick)
  return ticks
}
