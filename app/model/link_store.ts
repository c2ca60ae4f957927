import { createStore } from 'zustand/vanilla'
import type { NeededImage } from '../../workers/browser/engine_api.ts'

/** What the page's address asked for, where that is another machine than the browser's own. */
export type LinkState =
  | { readonly kind: 'none' }
  /** Its text is being read, or its recording carried out: so many I/Os and events lie before the moment. */
  | { readonly kind: 'opening'; readonly step: number; readonly events: number }
  /** The machine is there; `trouble` where it is not quite the moment that was asked for. */
  | { readonly kind: 'open'; readonly trouble: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** It cannot be opened without these. */
  | { readonly kind: 'images'; readonly images: readonly NeededImage[] }

export interface LinkPage {
  readonly link: LinkState
  /** The browser's own machine waits in this tab, paused. */
  readonly isOwnWaiting: boolean
}

/** How the page stands to the link in its address. */
export const linkStore = createStore<LinkPage>()(() => ({ link: { kind: 'none' }, isOwnWaiting: false }))
