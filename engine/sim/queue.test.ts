import { expect, test } from 'vitest'
import { Chance } from './chance.ts'
import { EventQueue, type EventTarget } from './queue.ts'

class Recorder implements EventTarget {
  readonly seen: number[] = []
  event(_what: number, argument: number): void {
    this.seen.push(argument)
  }
}

test('events come out by time, and in the order of arrival within an instant', () => {
  const chance = new Chance(1, 'queue')
  for (let round = 0; round < 20; round++) {
    const queue = new EventQueue(4)
    const recorder = new Recorder()
    const expected: { time: number; order: number }[] = []
    for (let order = 0; order < 500; order++) {
      const time = chance.below(40)
      queue.push(time, recorder, 0, order)
      expected.push({ time, order })
    }
    expected.sort((a, b) => a.time - b.time || a.order - b.order)
    while (queue.length > 0) queue.deliver()
    expect(recorder.seen).toEqual(expected.map(({ order }) => order))
  }
})

test('pushing while delivering keeps the order, and a cleared queue is empty', () => {
  const queue = new EventQueue()
  const chance = new Chance(2, 'queue')
  const times: number[] = []
  const again: EventTarget = {
    event(_what, time) {
      times.push(time)
      const next = time + chance.below(100)
      if (times.length < 3000) queue.push(next, again, 0, next)
    },
  }
  for (let i = 0; i < 50; i++) queue.push(i, again, 0, i)
  while (queue.length > 0) queue.deliver()
  expect(times).toEqual([...times].sort((a, b) => a - b))
  queue.push(5, again, 0, 5)
  queue.clear()
  expect(queue.length).toBe(0)
  expect(queue.nextTime()).toBe(Infinity)
})
