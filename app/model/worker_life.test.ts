import { expect, test } from 'vitest'
import { Patience } from './worker_life.ts'

function watched(): { patience: Patience; said: string[] } {
  const said: string[] = []
  const patience = new Patience(
    () => said.push('silent'),
    () => said.push('answers'),
  )
  return { patience, said }
}

test('silence is told once, and that it is over', () => {
  const { patience, said } = watched()
  patience.asked(0)
  patience.look(11_000)
  expect(said).toEqual([])
  patience.look(12_000)
  patience.look(30_000)
  expect(said).toEqual(['silent'])
  patience.answered()
  expect(said).toEqual(['silent', 'answers'])
  patience.asked(31_000)
  patience.look(32_000)
  expect(said).toEqual(['silent', 'answers'])
})

test('who was asked nothing is not waited for, and an answer in time is no news', () => {
  const { patience, said } = watched()
  patience.look(1e9)
  patience.asked(1e9)
  patience.answered()
  patience.look(2e9)
  expect(said).toEqual([])
})
