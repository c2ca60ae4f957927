import { useRef, type MouseEvent, type PointerEvent } from 'react'

/** How long a press has to last, in milliseconds. */
const LONG = 500

interface LongPress {
  onPointerDown(event: PointerEvent): void
  onPointerUp(): void
  onPointerLeave(): void
  onPointerCancel(): void
  onContextMenu(event: MouseEvent): void
  /** In capture, so that the click at the end of a long press is nobody's. */
  onClickCapture(event: MouseEvent): void
}

/** Handlers for what a long press does, and the right button with it; a short one stays a click. */
export function useLongPress(act: () => void): LongPress {
  const timer = useRef<number>(undefined)
  const isLong = useRef(false)
  const end = (): void => {
    clearTimeout(timer.current)
    timer.current = undefined
  }
  return {
    onPointerDown: (event) => {
      isLong.current = false
      end()
      if (event.button !== 0) return
      timer.current = window.setTimeout(() => {
        isLong.current = true
        act()
      }, LONG)
    },
    onPointerUp: end,
    onPointerLeave: end,
    onPointerCancel: end,
    onContextMenu: (event) => {
      event.preventDefault()
      // A touch's long press is told as both.
      if (isLong.current) return
      end()
      act()
    },
    onClickCapture: (event) => {
      if (!isLong.current) return
      isLong.current = false
      event.preventDefault()
      event.stopPropagation()
    },
  }
}
