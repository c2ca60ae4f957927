/** What rows of the trace call arrays: by one number, from which their name follows. */

/** Arrays below targets of device-mapper have numbers from here on; those below are mdN. */
export const MAPPED_ARRAY_NUMBERS = 65536

/** The name of an array that the trace knows by a number. */
export function tracedArrayName(number: number): string {
  return number < MAPPED_ARRAY_NUMBERS ? `md${number}` : `dm-${number - MAPPED_ARRAY_NUMBERS}`
}
