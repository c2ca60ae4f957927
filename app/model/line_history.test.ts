import { expect, test } from 'vitest'
import { EMPTY_HISTORY, recall, remember } from './line_history.ts'

test('up goes back line by line, down returns to the draft', () => {
  const history = remember(remember(EMPTY_HISTORY, 'sync'), 'disk list')
  const [one, first] = recall(history, -1, 'dd if')!
  expect(first).toBe('disk list')
  const [two, second] = recall(one, -1, first)!
  expect(second).toBe('sync')
  expect(recall(two, -1, second)).toBeUndefined()
  const [three] = recall(two, 1, second)!
  const [four, draft] = recall(three, 1, '')!
  expect(draft).toBe('dd if')
  expect(recall(four, 1, draft)).toBeUndefined()
})

test('blank lines and repetitions are not kept', () => {
  const history = ['sync', 'sync', ' ', 'true'].reduce(remember, EMPTY_HISTORY)
  expect(history.lines).toEqual(['sync', 'true'])
})
