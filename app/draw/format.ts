/** How quantities are written on the page. Times are nanoseconds of virtual time unless the name says otherwise. */

const THIN_SPACE = '\u202f'

/** A whole number in groups of three, with narrow spaces. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE)
}

/** The clock: seconds to the microsecond, in groups of three: `12.480 317 s`. */
export function clock(time: number): string {
  const micros = Math.floor(time / 1000)
  const seconds = Math.floor(micros / 1e6)
  const rest = String(micros - seconds * 1e6).padStart(6, '0')
  return `${count(seconds)}.${rest.slice(0, 3)}${THIN_SPACE}${rest.slice(3)} s`
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
]

/** A length of time in the largest unit that leaves a whole part, two digits if it is short: `3 ms`, `1.4 s`, `20 s`. */
export function duration(nanoseconds: number): string {
  if (nanoseconds >= 3_600e9) return `${trimmed(nanoseconds / 3_600e9)} h`
  if (nanoseconds >= 120e9) return `${trimmed(nanoseconds / 60e9)} min`
  for (const [size, unit] of UNITS) if (nanoseconds >= size) return `${trimmed(nanoseconds / size)} ${unit}`
  return '0 s'
}

function trimmed(value: number): string {
  return value < 9.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value))
}

/** How long ago: whole units only, so that the text does not flicker. */
export function ago(nanoseconds: number): string {
  if (nanoseconds < 1000) return 'now'
  if (nanoseconds >= 120e9) return `${Math.floor(nanoseconds / 60e9)} min ago`
  for (const [size, unit] of UNITS) if (nanoseconds >= size) return `${Math.floor(nanoseconds / size)} ${unit} ago`
  return 'now'
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes in binary units: `22 KiB`, `1.5 MiB`. */
export function bytes(value: number): string {
  let unit = 0
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${trimmed(value)} ${BYTE_UNITS[unit]}`
}

/** A number of bytes in hexadecimal, as a dump has it. */
export function hexOffset(at: number): string {
  return at.toString(16).padStart(8, '0')
}

/** Sectors, as bytes. */
export function sectorBytes(sectors: number): string {
  return bytes(sectors * 512)
}

/** A number of things per second, short: `412 /s`, `1.2 k/s`. */
export function perSecond(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)} M/s`
  if (value >= 1e4) return `${trimmed(value / 1e3)} k/s`
  return `${trimmed(value)} /s`
}

export function byteRate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`
}

/** Like md's own: one digit after the point. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}%`
}

/** `1 row`, `2 rows`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
