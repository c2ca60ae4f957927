/** How the pieces of requests that concern one page of a stripe lie to one another. */
import type { StripePart } from './stripe.ts'

/** Whether a part touches sectors of any of these. */
export function overlaps(others: readonly StripePart[], part: StripePart): boolean {
  for (const other of others) {
    if (other.first < part.first + part.count && part.first < other.first + other.count) return true
  }
  return false
}

/** Whether parts cover all eight sectors of a page. */
export function covered(parts: readonly StripePart[]): boolean {
  let mask = 0
  for (const { first, count } of parts) mask |= ((1 << count) - 1) << first
  return mask === 0xff
}
