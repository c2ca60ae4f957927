/** The last steps of the stage as a moving picture. Each step is gone to and drawn; the file is made in a worker of its own. */
import { transfer, wrap } from 'comlink'
import type { GifApi } from '../../workers/browser/gif_worker.ts'
import { canvasOf, stagePicture } from './export_stage.ts'
import { goTo } from './time_actions.ts'
import { timeStore } from './time_store.ts'

/** How many steps there are at most, how long each is shown, and the last one, in milliseconds. */
const STEPS = 40
const DELAY = 200
const LAST_DELAY = 2000
/** How often a step is asked for. */
const PATIENCE = 20

/** @returns a GIF that ends at the moment that is shown; the page is there again afterwards. @errors as the stage's picture */
export async function gifOfSteps(): Promise<ArrayBuffer> {
  const { step, leftStep } = timeStore.getState()
  const worker = new Worker(new URL('../../workers/browser/gif_worker.ts', import.meta.url), { type: 'module' })
  try {
    const encoder = wrap<GifApi>(worker)
    let size: { width: number; height: number } | undefined
    for (let at = Math.max(leftStep, step - STEPS + 1); at <= step; at++) {
      await arriveAt(at)
      await drawn()
      const canvas = await canvasOf(stagePicture(), 1)
      if (!size) {
        size = { width: canvas.width, height: canvas.height }
        await encoder.begin(size.width, size.height)
      }
      const dots = dotsOf(canvas, size)
      await encoder.add(transfer(dots, [dots.buffer]), at === step ? LAST_DELAY : DELAY)
    }
    const gif = await encoder.end()
    if (gif === undefined) throw new Error('there is no step to be shown')
    return gif
  } finally {
    worker.terminate()
  }
}

/** The dots of a canvas, cut to a size: a notice above the stage may come or go, and all pictures are as large as the first. */
function dotsOf(canvas: HTMLCanvasElement, { width, height }: { width: number; height: number }): Uint8ClampedArray {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('the browser draws no picture')
  return context.getImageData(0, 0, width, height).data
}

/** @errors throws where the page does not come there: somebody wants to be elsewhere */
async function arriveAt(step: number): Promise<void> {
  for (let tries = 0; timeStore.getState().step !== step; tries++) {
    if (tries === PATIENCE) throw new Error(`step ${step} was not reached`)
    await goTo(step)
  }
}

/** Until what was told to the page stands on it. */
function drawn(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
}
