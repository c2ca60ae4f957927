import { useEffect, useRef, type RefObject } from 'react'
import { whenMoving } from '../model/moving.ts'

/** Calls back where a menu is asked for; what listens for that is not loaded before something moves. */
export function useContextPress(
  element: RefObject<Element | null>,
  ask: (target: Element, x: number, y: number) => void,
): void {
  const latest = useRef(ask)
  useEffect(() => {
    latest.current = ask
  })
  useEffect(() => {
    const home = element.current
    if (!home) return
    let end: (() => void) | undefined
    let isOver = false
    void whenMoving()
      .then(() => import('./context_press.ts'))
      .then(({ watchContextPress }) => {
        if (!isOver) end = watchContextPress(home, (...where) => latest.current(...where))
      })
      // The network is away: the menus of the inspector and of the stack do the same.
      .catch(() => undefined)
    return () => {
      isOver = true
      end?.()
    }
  }, [element])
}
