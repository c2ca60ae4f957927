import { expect, test } from 'vitest'
import type { Flight } from '../model/array_picture.ts'
import { FlightDots } from './flight_dots.ts'

const flight: Flight = { bio: 7, slot: 1, row: 3, op: 1, isParity: false }
const only = (dots: FlightDots) => [...dots.all()][0]

test('a dot goes down, waits, and goes back up when its request has ended', () => {
  const dots = new FlightDots()
  const flights = [flight]
  dots.update(flights, [], 0)
  expect(dots.depth(only(dots), 0)).toBe(0)
  dots.update(flights, [], 1000)
  expect(dots.depth(only(dots), 1000)).toBe(1)
  dots.update([], [], 1100)
  expect(dots.depth(only(dots), 1100)).toBe(1)
  expect(dots.depth(only(dots), 1210)).toBeCloseTo(0.5)
  dots.update([], [], 1400)
  expect(dots.has(7)).toBe(false)
})

test('one that ends on its way still arrives', () => {
  const dots = new FlightDots()
  dots.update([flight], [], 0)
  dots.update([], [], 20)
  expect(dots.depth(only(dots), 260)).toBe(1)
  dots.update([], [], 500)
  expect(dots.has(7)).toBe(false)
})

test('a request too short for any frame is seen once', () => {
  const dots = new FlightDots()
  const passed = [flight]
  dots.update([], passed, 0)
  dots.update([], passed, 100)
  expect([...dots.all()].length).toBe(1)
  dots.update([], passed, 600)
  dots.update([], passed, 700)
  expect([...dots.all()].length).toBe(0)
})

test('a flood is not drawn dot by dot', () => {
  const dots = new FlightDots()
  dots.update(
    Array.from({ length: 1000 }, (_, bio) => ({ ...flight, bio })),
    [],
    0,
  )
  expect([...dots.all()].length).toBeLessThanOrEqual(48)
})
