/** Canvases that are painted from the page's animation loop, at the screen's own resolution. */
import { eachFrame } from './animation.ts'

export interface Painter {
  /**
   * @param real milliseconds of real time
   * @param isAnew everything has to be painted: the size or the colours have changed
   */
  paint(context: CanvasRenderingContext2D, real: number, isAnew: boolean): void
}

/** What changes the values of the theme's custom properties. */
const SCHEMES = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']

/**
 * Has a canvas painted until told otherwise.
 * @returns what ends it
 */
export function runPainter(canvas: HTMLCanvasElement, width: number, height: number, painter: Painter): () => void {
  const context = canvas.getContext('2d')
  if (!context || width === 0) return () => {}
  const ratio = window.devicePixelRatio || 1
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  let isAnew = true
  const changed = (): void => {
    isAnew = true
  }
  const schemes = SCHEMES.map((query) => matchMedia(query))
  schemes.forEach((scheme) => scheme.addEventListener('change', changed))
  const end = eachFrame((real) => {
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    painter.paint(context, real, isAnew)
    isAnew = false
  })
  return () => {
    end()
    schemes.forEach((scheme) => scheme.removeEventListener('change', changed))
  }
}

/** The values of custom properties, for what is painted on a canvas. */
export function customProperties<Name extends string>(
  element: Element,
  names: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const style = getComputedStyle(element)
  const values = {} as Record<Name, string>
  for (const name in names) values[name] = style.getPropertyValue(names[name]).trim()
  return values
}
