/**
 * The stage as a picture that needs nothing else: every style that the page's sheets give is written into the elements, and the
 * patterns come with them.
 */
import { clock } from '../draw/format.ts'
import { picture } from './engine.ts'

const SVG = 'http://www.w3.org/2000/svg'

/** What is taken over from the computed style of each element. */
const STYLES = [
  ...['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap'],
  ...['stroke-linejoin', 'opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor'],
  ...['font-variant-numeric', 'display', 'visibility'],
]
const INITIAL: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  'stroke-opacity': '1',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  opacity: '1',
  'paint-order': 'normal',
  'text-anchor': 'start',
  'font-variant-numeric': 'normal',
  display: 'inline',
  visibility: 'visible',
}
const TEXT_ONLY = new Set([
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'paint-order',
  'font-variant-numeric',
])
/** Of the page and of no use in a picture. */
const DROPPED = ['class', 'style', 'role', 'tabindex', 'aria-label', 'aria-selected', 'aria-hidden', 'aria-rowindex']

const HEAD = 44
const MARGIN = 14

export interface StagePicture {
  readonly text: string
  readonly width: number
  readonly height: number
}

/** @errors throws where there is no stage to be seen */
export function stagePicture(): StagePicture {
  const body = document.querySelector<HTMLElement>('.stage-body')
  const drawing = body?.querySelector<SVGSVGElement>('svg.stage-drawing')
  const map = body?.querySelector<HTMLCanvasElement>('.heat canvas')
  const seen = drawing ?? map
  if (!body || !seen) throw new Error('there is no array on the stage: open the stage first')
  const page = getComputedStyle(document.documentElement)
  const colour = (name: string): string => page.getPropertyValue(name).trim()
  const box = seen.getBoundingClientRect()
  const width = Math.ceil(box.width) + 2 * MARGIN
  const height = Math.ceil(box.height) + HEAD + MARGIN
  const root = document.createElementNS(SVG, 'svg')
  set(root, { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': page.fontFamily })
  const panel = child(root, 'rect', { width, height, fill: colour('--panel') })
  panel.before(patterns())
  const [title, facts] = headWords()
  const heading = child(root, 'text', { x: MARGIN, y: 26, fill: colour('--ink'), 'font-size': 17 })
  heading.setAttribute('font-weight', '700')
  heading.textContent = title
  const words = child(root, 'text', { x: width - MARGIN, y: 26, fill: colour('--ink-2'), 'font-size': 13 })
  words.setAttribute('text-anchor', 'end')
  words.textContent = facts
  const inside = child(root, 'g', { transform: `translate(${MARGIN} ${HEAD})` })
  if (drawing) {
    for (const element of drawing.children) inside.append(inlined(element))
    for (const text of notesOf(body, box)) inside.append(text)
  } else if (map) {
    child(inside, 'image', { width: box.width, height: box.height, href: map.toDataURL('image/png') })
  }
  return { text: new XMLSerializer().serializeToString(root), width, height }
}

function headWords(): readonly [string, string] {
  const title = document.querySelector('.stage-head h2')?.textContent ?? ''
  const facts = document.querySelector('.stage-facts')?.textContent ?? ''
  const { frame } = picture()
  return [title, frame ? `${facts} · ${clock(frame.time)}, step ${frame.steps}` : facts]
}

function set(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}

function child(parent: Element, name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name)
  set(element, attributes)
  parent.append(element)
  return element
}

/** The patterns of the page, with their colours as they are now. */
function patterns(): Element {
  const found = document.querySelector('#parity')?.closest('defs')
  return found ? inlined(found) : document.createElementNS(SVG, 'defs')
}

/** A copy with its styles written into it. */
function inlined(original: Element): Element {
  const copy = original.cloneNode(true) as Element
  const originals = [original, ...original.querySelectorAll('*')]
  const copies = [copy, ...copy.querySelectorAll('*')]
  copies.forEach((element, i) => {
    const style = getComputedStyle(originals[i])
    for (const name of [...DROPPED, ...[...element.attributes].map((own) => own.name).filter(isPageOnly)]) {
      element.removeAttribute(name)
    }
    const isText = element.tagName === 'text' || element.tagName === 'tspan'
    const isGroup = element.tagName === 'g' || element.tagName === 'defs' || element.tagName === 'pattern'
    for (const name of STYLES) {
      const value = style.getPropertyValue(name)
      if (value === '' || value === INITIAL[name] || (TEXT_ONLY.has(name) && !isText)) continue
      if (isGroup && name !== 'opacity' && name !== 'display' && name !== 'visibility') continue
      // The page's address before the name of a pattern means nothing elsewhere.
      element.setAttribute(name, value.replace(/url\("?[^"#)]*#([^")]+)"?\)/g, 'url(#$1)'))
    }
  })
  return copy
}

const isPageOnly = (name: string): boolean => name.startsWith('data-') || name.startsWith('aria-')

/** The notes beside the stripes, which are no part of the drawing, as texts. */
function notesOf(body: HTMLElement, box: DOMRect): readonly SVGElement[] {
  return [...body.querySelectorAll<HTMLElement>('.stage-notes .note > span')].map((span) => {
    const place = span.getBoundingClientRect()
    const style = getComputedStyle(span)
    const text = document.createElementNS(SVG, 'text')
    set(text, {
      x: Math.round(place.left - box.left),
      y: Math.round(place.top - box.top + place.height * 0.75),
      fill: style.color,
      'font-size': style.fontSize,
      'font-weight': style.fontWeight,
      opacity: getComputedStyle(span.parentElement ?? span).opacity,
    })
    text.textContent = span.textContent
    return text
  })
}

/** @param scale dots for each pixel and direction */
export async function canvasOf({ text, width, height }: StagePicture, scale: number): Promise<HTMLCanvasElement> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = width * scale
  canvas.height = height * scale
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas
}

/** @returns the picture in dots, two for each pixel and direction. */
export async function pngOf(stage: StagePicture): Promise<Blob> {
  const canvas = await canvasOf(stage, 2)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser makes no picture'))), 'image/png')
  })
}
