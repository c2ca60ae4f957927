import { createStore } from 'zustand/vanilla'

/** Which of two machines is meant where two are compared; see `machine_view.ts`. */
export type PickedSide = 'left' | 'right'

/** What a person has picked: the inspector speaks of it, the stage marks it. */
export type Selection =
  | { readonly kind: 'array'; readonly array: string }
  | { readonly kind: 'stripe'; readonly array: string; readonly stripe: number }
  /** A chunk; where a part of it was meant, with the sector of its disk. */
  | {
      readonly kind: 'chunk'
      readonly array: string
      readonly stripe: number
      readonly slot: number
      readonly sector?: number
    }
  | { readonly kind: 'disk'; readonly disk: string }
  | { readonly kind: 'member'; readonly array: string; readonly slot: number }
  | { readonly kind: 'bit'; readonly array: string; readonly chunk: number }
  | { readonly kind: 'mapped'; readonly mapped: string }
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'fault'; readonly fault: number }
  | { readonly kind: 'event'; readonly event: number }
  /** The command that is under way, or was last. */
  | { readonly kind: 'command' }

export type Dialog =
  'palette' | 'keys' | 'mdstat' | 'cut' | 'workloads' | 'import' | 'link' | 'images' | 'compare' | 'table' | 'tree'

export interface PageState {
  /** Name of the device on the stage; the first array until somebody picks another. */
  readonly shown: string | undefined
  readonly selection: Selection | undefined
  /** Of which machine it was picked, where there are two. */
  readonly side: PickedSide
  readonly dialog: Dialog | undefined
  /** The stage alone, in large type: for a projector. */
  readonly isPresenting: boolean
  show(device: string): void
  select(selection: Selection | undefined): void
  selectOn(side: 'only' | PickedSide, selection: Selection): void
  openDialog(dialog: Dialog): void
  closeDialog(): void
  present(isPresenting: boolean): void
}

/** What this page shows of the machine; nothing of it is the machine's. */
export const pageStore = createStore<PageState>()((set) => ({
  shown: undefined,
  selection: undefined,
  side: 'left',
  dialog: undefined,
  isPresenting: false,
  show: (shown) => set({ shown }),
  select: (selection) => set({ selection }),
  selectOn: (side, selection) => set({ selection, side: side === 'right' ? 'right' : 'left' }),
  openDialog: (dialog) => set({ dialog }),
  closeDialog: () => set({ dialog: undefined }),
  present: (isPresenting) => set({ isPresenting }),
}))

export function isSameSelection(a: Selection | undefined, b: Selection | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
