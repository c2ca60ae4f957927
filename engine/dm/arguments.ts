/** Reading the words of a table line as the kernel does. */
import { fail, ok, type Result } from '../base/errno.ts'

/** A number of the kernel's unsigned int. */
export const UINT_MAX = 4_294_967_295

/** @returns a sector number, or null where the kernel's `%llu%c` would find none or more than that. */
export function readSector(word: string): number | null {
  return /^\d+$/.test(word) ? Number(word) : null
}

/**
 * A number within bounds. One that is too large for 32 bits loses its upper ones first, as `%u` of the kernel's sscanf does.
 * @param what it is, for the refusal.
 * @errors EINVAL
 * @source dm_read_arg, drivers/md/dm-table.c, 6.1
 */
export function readNumber(word: string | undefined, what: string, min: number, max: number): Result<number> {
  const value = word !== undefined && /^\d+$/.test(word) ? Number(BigInt.asUintN(32, BigInt(word))) : -1
  return within(word, value, what, min, max)
}

/** The same for a number that must fit by itself. @errors EINVAL @source kstrtouint, lib/kstrtox.c, 6.1 */
export function readExactNumber(word: string | undefined, what: string, min: number, max: number): Result<number> {
  return within(word, word !== undefined && /^\+?\d+$/.test(word) ? Number(word) : -1, what, min, max)
}

/** A number of the kernel's int, with a sign if it likes, or null. @source kstrtoint, lib/kstrtox.c, 6.1 */
export function readInt(word: string): number | null {
  const value = /^[+-]?\d+$/.test(word) ? Number(word) : NaN
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : null
}

function within(word: string | undefined, value: number, what: string, min: number, max: number): Result<number> {
  if (value >= min && value <= max) return ok(value)
  return fail('EINVAL', `${what} must be a number from ${min} to ${max}${word === undefined ? '' : `, not ${word}`}`)
}
