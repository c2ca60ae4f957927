import { useCallback, useRef, useState, type RefCallback } from 'react'

export interface Extent {
  readonly width: number
  readonly height: number
}

/** The inner size of an element, kept up to date. */
export function useExtent(): [RefCallback<HTMLElement>, Extent] {
  const [extent, setExtent] = useState<Extent>({ width: 0, height: 0 })
  const observer = useRef<ResizeObserver>(undefined)
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect()
    if (!element) return
    observer.current = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width)
      const height = Math.floor(entry.contentRect.height)
      setExtent((before) => (before.width === width && before.height === height ? before : { width, height }))
    })
    observer.current.observe(element)
    // Known before the first picture, not only after it.
    setExtent({ width: element.clientWidth, height: element.clientHeight })
  }, [])
  return [ref, extent]
}
