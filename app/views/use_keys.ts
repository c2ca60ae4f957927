import { useEffect } from 'react'
import { tinykeys } from 'tinykeys'
import { changeSpeed, step, togglePlay, togglePower } from '../model/actions.ts'
import { cancelJourney, nextEvent, onTrack, previousEvent, stepBack, undo } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { pageStore } from '../model/page_store.ts'
import { toggleMap, togglePresenting } from '../model/show_actions.ts'

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
    // These may be held down; separators and tabs have arrow keys of their own.
    const moving =
      (act: () => void) =>
      (event: KeyboardEvent): void => {
        if (event.defaultPrevented || isTaken(event)) return
        if ((event.target as Element).closest?.('[role=separator], [role=tab]')) return
        event.preventDefault()
        act()
      }
    // What can be scrolled keeps the keys for that, the page as a whole among it.
    const turning =
      (act: () => void) =>
      (event: KeyboardEvent): void => {
        const { isPresenting } = pageStore.getState()
        const target = event.target instanceof Element ? event.target : undefined
        const isPage = event.key.startsWith('Page')
        const scrolls = document.documentElement.scrollHeight > innerHeight + 1
        if (isPage && (target?.closest('[role=log], [role=grid], [role=listbox]') || (scrolls && !isPresenting))) return
        moving(act)(event)
      }
    const { openDialog } = pageStore.getState()
    return tinykeys(window, {
      Space: free(togglePlay),
      k: free(togglePlay),
      x: free(togglePower),
      ArrowRight: moving(step),
      ArrowLeft: moving(stepBack),
      'Shift+ArrowRight': moving(nextEvent),
      'Shift+ArrowLeft': moving(previousEvent),
      '$mod+z': free(undo),
      '+': free(() => changeSpeed(1)),
      'Shift++': free(() => changeSpeed(1)),
      '=': free(() => changeSpeed(1)),
      '-': free(() => changeSpeed(-1)),
      '.': turning(() => onTrack(true)),
      ',': turning(() => onTrack(false)),
      PageDown: turning(nextEvent),
      PageUp: turning(previousEvent),
      p: free(togglePresenting),
      m: free(toggleMap),
      Escape: (event) => {
        if (event.defaultPrevented || isTaken(event)) return
        if (timeStore.getState().isTravelling) {
          event.preventDefault()
          cancelJourney()
        } else pageStore.getState().present(false)
      },
      'Shift+?': free(() => openDialog('keys')),
      '?': free(() => openDialog('keys')),
      '$mod+k': (event) => {
        event.preventDefault()
        openDialog('palette')
      },
    })
  }, [])
}
