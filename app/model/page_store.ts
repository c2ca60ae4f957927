import { createStore } from 'zustand/vanilla'

/** What a person has picked: the inspector speaks of it, the stage marks it. */
export type Selection =
  | { readonly kind: 'array'; readonly array: string }
  | { readonly kind: 'stripe'; readonly array: string; readonly stripe: number }
  | { readonly kind: 'chunk'; readonly array: string; readonly stripe: number; readonly slot: number }
  | { readonly kind: 'disk'; readonly disk: string }
  | { readonly kind: 'member'; readonly array: string; readonly slot: number }
  | { readonly kind: 'bit'; readonly array: string; readonly chunk: number }
  | { readonly kind: 'mapped'; readonly mapped: string }
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'fault'; readonly fault: number }
  | { readonly kind: 'event'; readonly event: number }
  /** The command that is under way, or was last. */
  | { readonly kind: 'command' }

export type Dialog = 'palette' | 'keys' | 'mdstat' | 'cut' | 'workloads' | 'import' | 'link' | 'images'

export interface PageState {
  /** Name of the device on the stage; the first array until somebody picks another. */
  readonly shown: string | undefined
  readonly selection: Selection | undefined
  readonly dialog: Dialog | undefined
  show(device: string): void
  select(selection: Selection | undefined): void
  openDialog(dialog: Dialog): void
  closeDialog(): void
}

/** What this page shows of the machine; nothing of it is the machine's. */
export const pageStore = createStore<PageState>()((set) => ({
  shown: undefined,
  selection: undefined,
  dialog: undefined,
  show: (shown) => set({ shown }),
  select: (selection) => set({ selection }),
  openDialog: (dialog) => set({ dialog }),
  closeDialog: () => set({ dialog: undefined }),
}))

export function isSameSelection(a: Selection | undefined, b: Selection | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
