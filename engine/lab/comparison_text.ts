/** What `compare` prints: the change, the first difference, the counters. */
import { fail, ok, type Result } from '../base/errno.ts'
import { DataCompare, type SameData } from './data_compare.ts'
import { countersOf, type Counter, type Unit } from './counters.ts'
import type { Difference } from './comparison.ts'
import type { Pair } from './pair.ts'
import { formatTime } from './units.ts'

/** So many pages of the arrays' data are held against each other to tell of it: 16 MiB. */
const PAGES_TOLD = 4096

/** @errors EINVAL where nothing is compared */
export function comparisonText(pair: Pair): Result<string> {
  const { twin, comparison } = pair
  const counters = countersOf(pair)
  if (twin === null || comparison === null || counters === null) {
    return fail('EINVAL', 'nothing is being compared: compare --bitmap=none puts another machine beside this one')
  }
  const { change } = twin
  const data = new DataCompare(pair.session.machine, twin.session.machine)
  data.work(PAGES_TOLD)
  const { first } = comparison
  const rows = counters.totals.map(({ name, unit, left, right }) => [name, say(left, unit), say(right, unit)])
  return ok(
    [
      `left:  ${change.from.split('\n', 1)[0]}`,
      `right: ${change.to.split('\n').join('; ')}`,
      ...(pair.isChanged ? [] : ['the changed line is not on this branch: both are the same machine']),
      ...(first === null ? ['no difference beyond that so far'] : differenceLines(first)),
      ...table([['', 'left', 'right'], ...rows]),
      ...data.result().map(sameText),
      '',
    ].join('\n'),
  )
}

/** Whether an array holds the same for who reads it, in a line. */
export function sameText({ array, sectors, looked, common, differing, first, unread }: SameData): string {
  const missing = sectors.findIndex((size) => size < 0)
  if (missing >= 0) return `${array}: only on the ${missing === 0 ? 'right' : 'left'}`
  const range = looked < common ? `the first ${looked} of ${common} sectors` : `${common} sectors`
  const same = differing === 0 ? `the same data in ${range}` : `${differing} of ${range} differ, first sector ${first}`
  const unreadText = unread === 0 ? '' : `, ${unread} could not be read`
  const sizes = sectors[0] === sectors[1] ? '' : `, of ${sectors[0]} and ${sectors[1]}`
  return `${array}: ${same}${sizes}${unreadText}`
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
