/** What `compare` prints: the change, the first difference, the counters. */
import { fail, ok, type Result } from '../base/errno.ts'
import { countersOf, type Counter, type Unit } from './counters.ts'
import type { Difference } from './comparison.ts'
import type { Pair } from './pair.ts'
import { formatTime } from './units.ts'

/** @errors EINVAL where nothing is compared */
export function comparisonText(pair: Pair): Result<string> {
  const { twin, comparison } = pair
  const counters = countersOf(pair)
  if (twin === null || comparison === null || counters === null) {
    return fail('EINVAL', 'nothing is being compared: compare --bitmap=none puts another machine beside this one')
  }
  const { change } = twin
  const { first } = comparison
  const rows = counters.totals.map(({ name, unit, left, right }) => [name, say(left, unit), say(right, unit)])
  return ok(
    [
      `left:  ${change.from.split('\n', 1)[0]}`,
      `right: ${change.to.split('\n').join('; ')}`,
      ...(first === null ? ['no difference beyond that so far'] : differenceLines(first)),
      ...table([['', 'left', 'right'], ...rows]),
      '',
    ].join('\n'),
  )
}

function differenceLines({ since, left, right }: Difference): string[] {
  return [
    `first difference, since ${since === '' ? 'the beginning' : since.split('\n', 1)[0]}:`,
    `  left:  ${left === null ? 'nothing more' : `step ${left.step}, ${left.text.split('\n', 1)[0]}`}`,
    `  right: ${right === null ? 'nothing more' : `step ${right.step}, ${right.text.split('\n', 1)[0]}`}`,
  ]
}

function say(value: Counter['left'], unit: Unit): string {
  if (unit === 'time') return value === 0 ? '0' : formatTime(value)
  return unit === 'bytes' ? `${value / 1024} KiB` : `${value}`
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  )
}
