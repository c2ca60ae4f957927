/** Times, sizes and counts as the lab language writes them. */
import { fail, ok, type Result } from '../base/errno.ts'
import { MICROSECOND, MILLISECOND, SECOND } from '../sim/sim.ts'

const TIME_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1 << 20, G: 1 << 30, T: 2 ** 40 }

/** @returns nanoseconds of virtual time. @errors EINVAL for anything but a number with its unit. */
export function parseTime(text: string): Result<number> {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)$/.exec(text)
  const time = match === null ? NaN : Math.round(Number(match[1]) * TIME_UNITS[match[2]])
  if (!Number.isSafeInteger(time)) return fail('EINVAL', `'${text}' is no time: 250us, 3ms and 2s are`)
  return ok(time)
}

/** @returns bytes. @errors EINVAL for anything but a whole number, with K, M, G or T of 1024 if need be. */
export function parseSize(text: string): Result<number> {
  const match = /^(\d+)([KMGT]?)(?:iB)?$/i.exec(text)
  const size = match === null ? NaN : Number(match[1]) * SIZE_UNITS[match[2].toUpperCase()]
  if (!Number.isSafeInteger(size)) return fail('EINVAL', `'${text}' is no size: bytes, or 64K, 2M, 1G`)
  return ok(size)
}

/** @returns a size that is a whole number of sectors, at least one, in bytes. */
export function parseSectorSize(text: string): Result<number> {
  const size = parseSize(text)
  if (!size.ok || (size.value > 0 && size.value % 512 === 0)) return size
  return fail('EINVAL', `'${text}' is not a whole number of 512-byte sectors`)
}

/** @returns a whole number from `least` to `most`. */
export function parseCount(text: string, least: number, most = Number.MAX_SAFE_INTEGER): Result<number> {
  const count = /^\d+$/.test(text) ? Number(text) : NaN
  if (count >= least && count <= most) return ok(count)
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
  return fail('EINVAL', `'${text}' is no whole number ${range}`)
}

/** Sectors on a disk. */
export interface SectorRange {
  readonly sector: number
  readonly sectors: number
}

/** @param text `SECTOR` or `SECTOR+COUNT`. */
export function parseSectors(text: string): Result<SectorRange> {
  const match = /^(\d+)(?:\+(\d+))?$/.exec(text)
  const sector = match === null ? NaN : Number(match[1])
  const sectors = match === null ? NaN : Number(match[2] ?? 1)
  if (Number.isSafeInteger(sector) && Number.isSafeInteger(sectors) && sectors > 0) return ok({ sector, sectors })
  return fail('EINVAL', `'${text}' names no sectors: 100 is one, 100+8 are eight`)
}

/** @returns the time with the largest unit in which it is whole, as {@link parseTime} reads it. */
export function formatTime(nanoseconds: number): string {
  for (const unit of ['s', 'ms', 'us']) {
    if (nanoseconds % TIME_UNITS[unit] === 0) return `${nanoseconds / TIME_UNITS[unit]}${unit}`
  }
  return `${nanoseconds}ns`
}

/** @returns the size with the largest unit in which it is whole, as {@link parseSize} reads it. */
export function formatSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K']) {
    if (bytes > 0 && bytes % SIZE_UNITS[unit] === 0) return `${bytes / SIZE_UNITS[unit]}${unit}`
  }
  return `${bytes}`
}
