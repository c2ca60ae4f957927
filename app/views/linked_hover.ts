import { useLinkedHover } from './use_linked_hover.ts'

/** {@link useLinkedHover} as something that comes to the page later. */
export function LinkedHover(): null {
  useLinkedHover()
  return null
}
