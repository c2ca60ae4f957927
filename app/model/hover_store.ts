import { createStore } from 'zustand/vanilla'
import { hoverKey, type HoverId } from './hover_id.ts'

/** Where it came from; what was looked at last counts, so that a pointer which lies still is not in the way of the keyboard. */
export type HoverSource = 'pointer' | 'focus'

export interface HoverState {
  readonly pointer: HoverId | undefined
  readonly focus: HoverId | undefined
  /** What counts now. */
  readonly id: HoverId | undefined
  hover(source: HoverSource, id: HoverId | undefined): void
}

const isSame = (a: HoverId | undefined, b: HoverId | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && hoverKey(a) === hoverKey(b))

/** The one thing that is looked at; every view marks what has to do with it. */
export const hoverStore = createStore<HoverState>()((set, get) => ({
  pointer: undefined,
  focus: undefined,
  id: undefined,
  hover: (source, id) => {
    const before = get()
    if (isSame(before[source], id)) return
    const next = { pointer: before.pointer, focus: before.focus, [source]: id }
    const other = source === 'pointer' ? next.focus : next.pointer
    const now = id ?? other
    set({ ...next, id: isSame(before.id, now) ? before.id : now })
  },
}))
