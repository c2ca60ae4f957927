/** How long a finger has to rest, in milliseconds, and how far it may stray, in pixels. */
const LONG = 500
const STRAY = 10

/**
 * Calls back where a menu is asked for: by the right button, by the key for it, or by a finger that rests, as soon as it is lifted:
 * what is open before would be closed by that. Not every browser tells a resting finger as a request for a menu.
 * @returns what ends it
 */
export function watchContextPress(home: Element, ask: (target: Element, x: number, y: number) => void): () => void {
  let timer: number | undefined
  let start: PointerEvent | undefined
  /** The finger has rested long enough, at this place. */
  let rested: (() => void) | undefined
  let isDone = false
  const fingers = new Set<number>()
  const end = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const onDown = (event: PointerEvent): void => {
    isDone = false
    rested = undefined
    end()
    if (event.pointerType === 'mouse') return
    fingers.add(event.pointerId)
    if (fingers.size > 1) return
    start = event
    const target = event.target as Element
    timer = window.setTimeout(() => {
      isDone = true
      rested = () => ask(target, event.clientX, event.clientY)
    }, LONG)
  }
  const onMove = (event: PointerEvent): void => {
    if (timer === undefined || !start || event.pointerId !== start.pointerId) return
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > STRAY) end()
  }
  const onUp = (event: PointerEvent): void => {
    fingers.delete(event.pointerId)
    end()
    if (rested) setTimeout(rested)
    rested = undefined
  }
  const onMenu = (event: Event): void => {
    event.preventDefault()
    // Of a finger: it is about to be told by its own clock.
    if (isDone || timer !== undefined) return
    const { clientX, clientY } = event as MouseEvent
    ask(event.target as Element, clientX, clientY)
  }
  /** The click at the end of a long press is nobody's. */
  const onClick = (event: Event): void => {
    if (!isDone) return
    isDone = false
    event.preventDefault()
    event.stopPropagation()
  }
  const listening = new AbortController()
  const { signal } = listening
  home.addEventListener('pointerdown', onDown as EventListener, { signal })
  home.addEventListener('pointermove', onMove as EventListener, { signal })
  home.addEventListener('pointerup', onUp as EventListener, { signal })
  home.addEventListener('pointercancel', onUp as EventListener, { signal })
  home.addEventListener('contextmenu', onMenu, { signal })
  home.addEventListener('click', onClick, { signal, capture: true })
  return () => {
    end()
    listening.abort()
  }
}
