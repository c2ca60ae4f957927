/** Reading the words of a table line as the kernel does. */
import { fail, ok, type Result } from '../base/errno.ts'

/** A number of the kernel's unsigned int. */
export const UINT_MAX = 4_294_967_295

/** @returns a sector number, or null where the kernel's `%llu%c` would find none or more than that. */
export function readSector(word: string): number | null {
  return /^\d+$/.test(word) ? Number(word) : null
}

/**
 * A number within bounds.
 * @param what it is, for the refusal.
 * @errors EINVAL
 */
export function readNumber(word: string | undefined, what: string, min: number, max: number): Result<number> {
  const value = word !== undefined && /^\d+$/.test(word) ? Number(word) : -1
  if (value >= min && value <= max) return ok(value)
  return fail('EINVAL', `${what} must be a number from ${min} to ${max}${word === undefined ? '' : `, not ${word}`}`)
}
