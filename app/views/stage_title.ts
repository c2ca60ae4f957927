import type { MachineSide } from '../model/machine_view.ts'

/** The name of the region that a machine's stage is. */
export function stageTitle(side: MachineSide): string {
  return side === 'only' ? 'Stage' : `Stage, ${side}`
}
