import { createStore } from 'zustand/vanilla'
import type { Family } from './command_family.ts'
import { withText, type ConsoleKind, type ConsoleLine } from './console_log.ts'
import { EMPTY_HISTORY, remember, type LineHistory } from './line_history.ts'

export interface ConsoleState {
  readonly lines: readonly ConsoleLine[]
  /** Commands that had ended at the moment that is shown, and which one is under way; see `console_ledger.ts`. */
  readonly ended: number
  readonly underWay: number
  /** Lines that were typed and have not begun. */
  readonly pending: readonly string[]
  readonly history: LineHistory
  /** What stands in the text field; the palette may put something there. */
  readonly draft: string
  print(kind: ConsoleKind, text: string, family?: Family): void
  setPending(pending: readonly string[]): void
  /** A typed line has begun, or a part of it. */
  settle(line: string): void
  typed(line: string): void
  setDraft(draft: string): void
  setHistory(history: LineHistory, draft: string): void
}

/** The console of a page: what was printed, what was typed, what is being typed. */
export const consoleStore = createStore<ConsoleState>()((set) => ({
  lines: [],
  ended: 0,
  underWay: -1,
  pending: [],
  history: EMPTY_HISTORY,
  draft: '',
  print: (kind, text, family) => {
    if (text !== '') set((state) => ({ lines: withText(state.lines, kind, text, family) }))
  },
  setPending: (pending) => set({ pending }),
  settle: (line) =>
    set((state) => {
      const at = state.pending.findIndex((pending) => pending.includes(line.trim()))
      return at < 0 ? state : { pending: state.pending.filter((_, i) => i !== at) }
    }),
  typed: (line) => set((state) => ({ history: remember(state.history, line), draft: '' })),
  setDraft: (draft) => set({ draft }),
  setHistory: (history, draft) => set({ history, draft }),
}))
