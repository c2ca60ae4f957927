import { useKeys } from './use_keys.ts'

/** {@link useKeys} as something that comes to the page later. */
export function Keys(): null {
  useKeys()
  return null
}
