import { createStore } from 'zustand/vanilla'
import type { ZoomLevel } from '../draw/zoom_detail.ts'

export interface ZoomState {
  /** Names of arrays that are shown as a map although they are small enough to be drawn. */
  readonly asMap: ReadonlySet<string>
  /** What the map tells apart now; undefined while there is none. */
  readonly level: ZoomLevel | undefined
  toggle(array: string): void
}

export const zoomStore = createStore<ZoomState>()((set, get) => ({
  asMap: new Set(),
  level: undefined,
  toggle: (array) => {
    const asMap = new Set(get().asMap)
    if (!asMap.delete(array)) asMap.add(array)
    set({ asMap })
  },
}))
