import { createStore } from 'zustand/vanilla'
import type { Imported } from './import_file.ts'

export interface ImportState {
  /** What was dropped or chosen last. */
  readonly file: Imported | undefined
  readonly isReading: boolean
  readonly isDragging: boolean
}

/** The file that is being brought in, until it is in or given up. */
export const importStore = createStore<ImportState>()(() => ({ file: undefined, isReading: false, isDragging: false }))
