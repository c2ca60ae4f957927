import { createStore } from 'zustand/vanilla'
import type { CommandName } from './command_family.ts'
import { withText, type ConsoleKind, type ConsoleLine } from './console_log.ts'
import { EMPTY_HISTORY, remember, type LineHistory } from './line_history.ts'
import type { Family } from './command_family.ts'

export interface ConsoleState {
  readonly lines: readonly ConsoleLine[]
  readonly history: LineHistory
  /** What stands in the text field; the palette and the menus may put something there. */
  readonly draft: string
  /** Every command there is, once the machine has told. */
  readonly commands: readonly CommandName[]
  print(kind: ConsoleKind, text: string, family?: Family): void
  typed(line: string): void
  setDraft(draft: string): void
  setHistory(history: LineHistory, draft: string): void
  setCommands(commands: readonly CommandName[]): void
}

/** The console of a page: what was printed, what was typed, what is being typed. */
export const consoleStore = createStore<ConsoleState>()((set) => ({
  lines: [],
  history: EMPTY_HISTORY,
  draft: '',
  commands: [],
  print: (kind, text, family) => set((state) => ({ lines: withText(state.lines, kind, text, family) })),
  typed: (line) => set((state) => ({ history: remember(state.history, line), draft: '' })),
  setDraft: (draft) => set({ draft }),
  setHistory: (history, draft) => set({ history, draft }),
  setCommands: (commands) => set({ commands }),
}))
