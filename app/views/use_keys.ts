import { useEffect } from 'react'
import { tinykeys } from 'tinykeys'
import { changeSpeed, step, togglePlay, togglePower } from '../model/actions.ts'
import { pageStore } from '../model/page_store.ts'

/** Whether a key belongs to where the focus is: a text field, a slider, a menu, a dialog. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : undefined
  if (target?.closest('input, textarea, select, dialog, [role=menu], [contenteditable]')) return true
  // A button under the focus is pressed by Space.
  return event.key === ' ' && Boolean(target?.closest('button, [role=tab], [role=separator]'))
}

/** The keys that work everywhere, but for text fields. */
export function useKeys(): void {
  useEffect(() => {
    const free =
      (act: () => void) =>
      (event: KeyboardEvent): void => {
        if (event.defaultPrevented || event.repeat || isTaken(event)) return
        event.preventDefault()
        act()
      }
    const { openDialog } = pageStore.getState()
    return tinykeys(window, {
      Space: free(togglePlay),
      k: free(togglePlay),
      x: free(togglePower),
      ArrowRight: (event) => {
        if (
          !event.defaultPrevented &&
          !isTaken(event) &&
          !(event.target as Element).closest?.('[role=separator], [role=tab]')
        ) {
          event.preventDefault()
          step()
        }
      },
      '+': free(() => changeSpeed(1)),
      'Shift++': free(() => changeSpeed(1)),
      '=': free(() => changeSpeed(1)),
      '-': free(() => changeSpeed(-1)),
      'Shift+?': free(() => openDialog('keys')),
      '?': free(() => openDialog('keys')),
      '$mod+k': (event) => {
        event.preventDefault()
        openDialog('palette')
      },
    })
  }, [])
}
