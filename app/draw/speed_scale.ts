/**
 * The speed of play: virtual seconds per real second, on a logarithmic scale from 1 : 1 000 000 to 1000 : 1, and "max" behind
 * its end, where time passes as fast as it can.
 */
import { count } from './format.ts'

/** Notches of the slider to a factor of ten. */
const NOTCHES = 4
const SLOWEST_EXPONENT = -6
const FASTEST_EXPONENT = 3

/** The last notch: as fast as it can. */
export const MAX_NOTCH = (FASTEST_EXPONENT - SLOWEST_EXPONENT) * NOTCHES + 1

/** @returns virtual seconds per real second; Infinity for the last notch. */
export function speedOfNotch(notch: number): number {
  if (notch >= MAX_NOTCH) return Infinity
  return rounded(10 ** (SLOWEST_EXPONENT + Math.max(0, notch) / NOTCHES))
}

/** The notch nearest to a speed. */
export function notchOfSpeed(speed: number): number {
  if (speed === Infinity) return MAX_NOTCH
  const notch = Math.round((Math.log10(speed) - SLOWEST_EXPONENT) * NOTCHES)
  return Math.min(MAX_NOTCH - 1, Math.max(0, notch))
}

/** As people write it: `1 : 10 000`, `20 : 1`, `max`. */
export function speedText(speed: number): string {
  if (speed === Infinity) return 'max'
  return speed >= 1 ? `${count(speed)} : 1` : `1 : ${count(1 / speed)}`
}

/** To numbers one can say: 1, 1.8, 3, 5.6 become 1, 2, 3, 5 and their powers of ten. */
function rounded(speed: number): number {
  const isSlow = speed < 0.999
  const ratio = isSlow ? 1 / speed : speed
  const power = 10 ** Math.floor(Math.log10(ratio) + 1e-9)
  const digit = Math.floor(ratio / power + 0.25)
  return isSlow ? 1 / (digit * power) : digit * power
}
