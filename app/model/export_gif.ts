/** The last steps of the stage as a moving picture. Each step is gone to and drawn; the encoder works in a worker of its own. */
import { encode } from 'modern-gif'
import workerUrl from 'modern-gif/worker?url'
import { canvasOf, stagePicture } from './export_stage.ts'
import { goTo } from './time_actions.ts'
import { timeStore } from './time_store.ts'

/** How many steps there are at most, how long each is shown, and the last one, in milliseconds. */
export const GIF_STEPS = 40
const DELAY = 200
const LAST_DELAY = 2000
const COLOURS = 128
/** How often a step is asked for. */
const PATIENCE = 20

/** @returns a GIF that ends at the moment that is shown; the page is there again afterwards. @errors as the stage's picture */
export async function gifOfSteps(): Promise<ArrayBuffer> {
  const { step, leftStep } = timeStore.getState()
  const from = Math.max(leftStep, step - GIF_STEPS + 1)
  const frames: { data: HTMLCanvasElement; delay: number }[] = []
  let size = { width: 0, height: 0 }
  for (let at = from; at <= step; at++) {
    await arriveAt(at)
    await drawn()
    const data = await canvasOf(stagePicture(), 1)
    // A notice above the stage may come or go: all frames are as the first.
    if (at === from) size = { width: data.width, height: data.height }
    frames.push({ data: fitted(data, size), delay: at === step ? LAST_DELAY : DELAY })
  }
  return encode({ workerUrl, ...size, frames, maxColors: COLOURS })
}

/** @errors throws where the page does not come there: somebody wants to be elsewhere */
async function arriveAt(step: number): Promise<void> {
  for (let tries = 0; timeStore.getState().step !== step; tries++) {
    if (tries === PATIENCE) throw new Error(`step ${step} was not reached`)
    await goTo(step)
  }
}

/** A picture on a canvas of this size, from its upper left corner. */
function fitted(canvas: HTMLCanvasElement, { width, height }: { width: number; height: number }): HTMLCanvasElement {
  if (canvas.width === width && canvas.height === height) return canvas
  const fit = document.createElement('canvas')
  Object.assign(fit, { width, height })
  fit.getContext('2d')?.drawImage(canvas, 0, 0)
  return fit
}

/** Until what was told to the page stands on it. */
function drawn(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
}
