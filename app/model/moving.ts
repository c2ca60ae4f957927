import { machineStore, type MachineState } from './machine_store.ts'

/** A machine that does nothing is not waited for any longer, in milliseconds. */
const REST = 1000

/**
 * Waits for the first movement on the page, or until it is clear that there will be none: no machine, or one that is at rest. What the
 * first screen does without is loaded only then, so that it holds nothing up.
 */
function firstMovement(): Promise<void> {
  return new Promise((resolve) => {
    let since = -1
    const look = ({ condition, time, scene }: MachineState): void => {
      if (condition === 'starting') return
      const isThere = condition === 'running' && scene.arrays.length > 0
      if (since < 0) {
        if (isThere) since = time
        setTimeout(done, condition === 'running' ? REST : 0)
      } else if (time !== since) done()
    }
    const done = (): void => {
      stop()
      // Behind the frame that shows it.
      requestAnimationFrame(() => setTimeout(resolve))
    }
    const stop = machineStore.subscribe(look)
    look(machineStore.getState())
  })
}

let waiting: Promise<void> | undefined

/** When what is not needed at once may be loaded. */
export function whenMoving(): Promise<void> {
  return (waiting ??= firstMovement())
}
