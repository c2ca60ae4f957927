/** The page's one animation loop: everything that moves is drawn from it, in one go, before the browser paints. */
const drawers = new Set<(real: number) => void>()
let request = 0

function loop(real: number): void {
  for (const draw of drawers) draw(real)
  request = drawers.size > 0 ? requestAnimationFrame(loop) : 0
}

/**
 * Calls back in each frame of the browser.
 * @param draw gets milliseconds of real time
 * @returns what ends it
 */
export function eachFrame(draw: (real: number) => void): () => void {
  drawers.add(draw)
  if (request === 0) request = requestAnimationFrame(loop)
  return () => {
    drawers.delete(draw)
  }
}
