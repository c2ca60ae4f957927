import { expect, test } from 'vitest'
import { CONSOLE_LINES, withText, type ConsoleLine } from './console_log.ts'

test('a text becomes its lines, each with a key of its own', () => {
  const lines = withText(
    withText([], 'command', 'cat /proc/mdstat', 'linux'),
    'output',
    'Personalities :\nunused devices: <none>\n',
  )
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'command cat /proc/mdstat',
    'output Personalities :',
    'output unused devices: <none>',
  ])
  expect(new Set(lines.map(({ key }) => key)).size).toBe(3)
})

test('nothing printed, nothing added', () => {
  const lines: readonly ConsoleLine[] = []
  expect(withText(lines, 'output', '')).toBe(lines)
})

test('the oldest lines go, and at least two hundred stay', () => {
  const lines = withText([], 'output', Array.from({ length: 1000 }, (_, i) => `line ${i}`).join('\n'))
  expect(lines.length).toBe(CONSOLE_LINES)
  expect(CONSOLE_LINES).toBeGreaterThanOrEqual(200)
  expect(lines.at(-1)?.text).toBe('line 999')
})
