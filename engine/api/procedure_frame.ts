import type { Procedure } from '../sim/procedure.ts'
import type { ProcedureFrame } from './frame.ts'

/** A procedure as the page sees it: its steps by name, and which comes next. */
export function procedureFrame(name: string, procedure: Procedure): ProcedureFrame {
  return { name, step: procedure.step, steps: Object.keys(procedure.steps()), pending: procedure.pending }
}
