import { compareOf } from './compare_line.ts'
import { splitScript } from './script.ts'
import { travelOf } from './session_lines.ts'

/** Whether a script may want to go back in time, or a machine beside the machine: only where the past is kept that can be had. */
export function needsPast(script: string): boolean {
  return splitScript(script).some((text) => {
    const travel = travelOf(text)
    return travel?.kind === 'back' || travel?.kind === 'seek' || compareOf(text) !== null
  })
}
