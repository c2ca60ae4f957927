import { expect, test } from 'vitest'
import type { ConsoleEntry } from '../../engine/api/frame.ts'
import { ConsoleLedger, isLater, type ConsoleNews, type ConsoleShown } from './console_ledger.ts'

function entry(command: string, begun: number, stdout = ''): ConsoleEntry {
  const said = { argv0: command, family: 'linux', stdout, stderr: '', status: 0, source: 'typed', cause: 0 } as const
  return { command, ...said, begun, at: begun + 1 }
}

class Console {
  readonly ledger = new ConsoleLedger()
  shown: ConsoleShown = { lines: [], ended: 0, underWay: -1 }

  take(firstEntry: number, entries: readonly ConsoleEntry[], over: Partial<ConsoleNews> = {}): string[] {
    const news = { firstEntry, entries, said: [], command: null, branch: 'branch 1', ...over }
    this.shown = this.ledger.apply(this.shown.lines, news)
    const { lines, ended, underWay } = this.shown
    return lines.map((line) => (isLater(line, ended, underWay) ? `(${line.text})` : line.text))
  }
}

const A = entry('a', 1, 'of a')
const B = entry('b', 5, 'of b')
const C = entry('c', 9)

test('a command is printed once: when it begins, and what it said when it ends', () => {
  const view = new Console()
  expect(view.take(0, [], { command: { line: 'a', at: 1 } })).toEqual(['a'])
  expect(view.take(0, [], { command: { line: 'a', at: 1 } })).toEqual(['a'])
  const { key } = view.shown.lines[0]
  expect(view.take(0, [A], { command: { line: 'b', at: 5 } })).toEqual(['a', 'of a', 'b'])
  expect(view.shown.lines[0].key).toBe(key)
  expect(view.take(1, [B])).toEqual(['a', 'of a', 'b', 'of b'])
  expect(view.ledger.settled).toEqual(['b'])
})

test('what moved in time is said where it was over, between the commands before and after it', () => {
  const view = new Console()
  const run = { ...entry('run 20s', 2), ended: 1 }
  const seek = { ...entry('seek 3', 2), ended: Infinity }
  expect(view.take(0, [A, B, C], { said: [run, seek] })).toEqual(['a', 'of a', 'run 20s', 'b', 'of b', 'c', 'seek 3'])
  expect(view.ledger.settled).toEqual(['a', 'run 20s', 'b', 'c', 'seek 3'])
  expect(view.take(3, [], { said: [run], command: { line: 'd', at: 20 } }).slice(-3)).toEqual([
    'seek 3',
    'run 20s',
    'd',
  ])
})

test('in the past, what comes later is told apart; on the way back it is not said twice', () => {
  const view = new Console()
  view.take(0, [A, B, C])
  expect(view.take(1, [])).toEqual(['a', 'of a', '(b)', '(of b)', '(c)'])
  expect(view.take(1, [], { command: { line: 'b', at: 5 } })).toEqual(['a', 'of a', 'b', '(of b)', '(c)'])
  expect(view.take(1, [B])).toEqual(['a', 'of a', 'b', 'of b', '(c)'])
  expect(view.take(2, [C])).toEqual(['a', 'of a', 'b', 'of b', 'c'])
})

test('another branch has other commands from where it left', () => {
  const view = new Console()
  view.take(0, [A, B, C])
  view.take(1, [])
  const mine = { branch: 'branch 2' }
  expect(view.take(1, [], { ...mine, command: { line: 'x', at: 5 } })).toEqual(['a', 'of a', 'x'])
  expect(view.take(1, [entry('x', 5, 'of x')], mine)).toEqual(['a', 'of a', 'x', 'of x'])
  expect(view.take(1, [B, C])).toEqual(['a', 'of a', 'b', 'of b', 'c'])
})

test('a command that a power cut ended stands where it began', () => {
  const view = new Console()
  view.take(0, [], { command: { line: 'b', at: 5 } })
  expect(view.take(0, [entry('power cut', 7), B])).toEqual(['b', 'power cut', 'of b'])
})
