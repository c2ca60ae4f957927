import { createStore } from 'zustand/vanilla'

export interface CopyState {
  /** What became of the last link; empty once it has been read. */
  readonly words: string
  readonly isTrouble: boolean
  /** The link itself, where the browser did not let it be copied. */
  readonly link: string
}

/** What the page says of the link that was copied last. */
export const copyStore = createStore<CopyState>()(() => ({ words: '', isTrouble: false, link: '' }))
