import { useEffect, type RefObject } from 'react'
import { eachFrame } from '../draw/animation.ts'
import type { Extent } from './use_extent.ts'

type Paint = (context: CanvasRenderingContext2D, real: number, isAnew: boolean) => void

/**
 * Paints a canvas from the page's animation loop, at the screen's own resolution.
 * @param paint is told when everything has to be painted anew: the size or the colours have changed
 */
export function useCanvas(canvas: RefObject<HTMLCanvasElement | null>, extent: Extent, paint: Paint): void {
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context || extent.width === 0) return
    const ratio = window.devicePixelRatio || 1
    element.width = Math.round(extent.width * ratio)
    element.height = Math.round(extent.height * ratio)
    let isAnew = true
    const schemes = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query))
    const changed = (): void => {
      isAnew = true
    }
    schemes.forEach((scheme) => scheme.addEventListener('change', changed))
    const end = eachFrame((real) => {
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      paint(context, real, isAnew)
      isAnew = false
    })
    return () => {
      end()
      schemes.forEach((scheme) => scheme.removeEventListener('change', changed))
    }
  }, [canvas, extent.width, extent.height, paint])
}
