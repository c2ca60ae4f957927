import { createStore } from 'zustand/vanilla'
import type { ByteField } from '../../engine/api/bytes.ts'

/** Which sector the byte view shows, and the fields in it. */
export interface BytesState {
  readonly disk: string
  readonly sector: number
  readonly fields: readonly ByteField[]
}

/** What other views have to know of the byte view; empty while there is none. */
export const bytesStore = createStore<BytesState>()(() => ({ disk: '', sector: -1, fields: [] }))
