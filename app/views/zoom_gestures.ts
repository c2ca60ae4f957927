import { pointers, select, type Selection } from 'd3-selection'
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom'
import type { ZoomCamera } from '../draw/zoom_camera.ts'
import { clampView, zoomAt } from '../draw/zoom_layout.ts'

/** Octaves per pixel of a wheel: a notch is about half an octave. */
const WHEEL = 0.0045

/**
 * Wheel, drag and pinch, as d3 understands them, move the camera. The library's own transform is that of the height alone: columns
 * grow at another pace, so what it knows of the width is used as a difference only.
 */
export class ZoomGestures {
  readonly #canvas: Selection<HTMLCanvasElement, unknown, null, undefined>
  readonly #behaviour: ZoomBehavior<HTMLCanvasElement, unknown>
  readonly #camera: ZoomCamera
  #x = 0
  #isOurs = false

  constructor(canvas: HTMLCanvasElement, camera: ZoomCamera, isMap: (x: number, y: number) => boolean) {
    this.#camera = camera
    this.#canvas = select(canvas)
    this.#behaviour = zoom<HTMLCanvasElement, unknown>()
      .filter((event: MouseEvent | TouchEvent) => {
        if ('button' in event && event.button !== 0) return false
        return pointers(event, canvas).every(([x, y]) => isMap(x, y))
      })
      .wheelDelta((event: WheelEvent) => {
        const lines = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? 25 : 400
        // A pinch on a touchpad is told as a wheel with a key, in small steps.
        return -event.deltaY * lines * WHEEL * (event.ctrlKey ? 4 : 1)
      })
      // A touchscreen may be plugged in later.
      .touchable(() => true)
      .clickDistance(5)
      .tapDistance(12)
      .constrain((transform) => transform)
      .on('start', (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.#x = event.transform.x
      })
      .on('zoom', (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => this.#zoomed(event))
    this.#canvas.call(this.#behaviour).on('dblclick.zoom', null)
    this.follow()
  }

  /** The camera has moved: the next gesture begins where it is. */
  follow(): void {
    if (this.#isOurs) return
    const { layout, view } = this.#camera
    const { scaleMin, scaleMax, head, width, mapHeight } = layout
    this.#behaviour
      .extent([
        [0, head],
        [width, head + mapHeight],
      ])
      .scaleExtent([1, scaleMax / scaleMin])
    const transform = zoomIdentity.translate(0, head - view.top * view.scale).scale(view.scale / scaleMin)
    this.#canvas.property('__zoom', transform)
    this.#x = 0
  }

  end(): void {
    this.#canvas.on('.zoom', null)
  }

  #zoomed({ transform, sourceEvent }: D3ZoomEvent<HTMLCanvasElement, unknown>): void {
    const camera = this.#camera
    const { layout, view } = camera
    const canvas = this.#canvas.node()
    if (!canvas || !sourceEvent) return
    const scale = transform.k * layout.scaleMin
    const top = (layout.head - transform.y) / scale
    const places = pointers(sourceEvent, canvas)
    const x = places.reduce((sum, [px]) => sum + px, 0) / Math.max(1, places.length)
    const isSameScale = Math.abs(scale / view.scale - 1) < 1e-9
    const left = isSameScale
      ? view.left - (transform.x - this.#x)
      : zoomAt(layout, view, scale / view.scale, x, layout.head).left
    this.#isOurs = true
    camera.set(clampView(layout, { scale, top, left }))
    this.#isOurs = false
    this.follow()
  }
}
