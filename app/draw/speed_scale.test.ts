import { expect, test } from 'vitest'
import { MAX_NOTCH, notchOfSpeed, speedOfNotch, speedText } from './speed_scale.ts'

const said = (notch: number): string => speedText(speedOfNotch(notch)).replaceAll('\u202f', ' ')

test('the ends', () => {
  expect(said(0)).toBe('1 : 1 000 000')
  expect(said(MAX_NOTCH - 1)).toBe('1 000 : 1')
  expect(said(MAX_NOTCH)).toBe('max')
  expect(said(24)).toBe('1 : 1')
})

test('every notch is faster than the one before, and finds itself again', () => {
  for (let notch = 0; notch <= MAX_NOTCH; notch++) {
    expect(notchOfSpeed(speedOfNotch(notch))).toBe(notch)
    if (notch > 0) expect(speedOfNotch(notch)).toBeGreaterThan(speedOfNotch(notch - 1))
  }
})

test('every speed is one that can be said', () => {
  for (let notch = 0; notch < MAX_NOTCH; notch++) expect(said(notch)).toMatch(/^(1 : [1235][ 0]*|[1235][ 0]* : 1)$/)
})

test('speeds beyond the scale land on its ends', () => {
  expect(notchOfSpeed(1e-9)).toBe(0)
  expect(notchOfSpeed(1e9)).toBe(MAX_NOTCH - 1)
})
