/** What exported files are called, and what is in them, as far as it can be told without a browser. */
import type { Frame } from '../../engine/api/frame.ts'
import type { TraceNames } from '../../engine/api/trace_export.ts'

/** `blockscope-seed1-step1042`: which machine, and when. */
export function exportStem(frame: Pick<Frame, 'seed' | 'steps'> | undefined): string {
  return frame ? `blockscope-seed${frame.seed}-step${frame.steps}` : 'blockscope'
}

/** Letters, digits, dots and dashes only. */
export function safeName(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/^[.-]+|-+$/g, '') || 'file'
}

export function traceNames(frame: Pick<Frame, 'disks' | 'arrays' | 'mapped'>): TraceNames {
  return {
    disks: frame.disks.map(({ name }) => name),
    arrays: new Map(frame.arrays.map(({ minor, name }) => [minor, name])),
    mapped: new Map(frame.mapped.map(({ minor, name }) => [minor, name])),
  }
}
