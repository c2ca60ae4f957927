import { useEffect, type RefObject } from 'react'
import { runPainter, type Painter } from '../draw/canvas.ts'

/** Has a canvas painted for as long as it is on the page. */
export function usePainter(
  canvas: RefObject<HTMLCanvasElement | null>,
  width: number,
  height: number,
  painter: Painter,
): void {
  useEffect(() => {
    const element = canvas.current
    return element ? runPainter(element, width, height, painter) : undefined
  }, [canvas, width, height, painter])
}
