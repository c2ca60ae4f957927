import { useStore } from 'zustand'
import { useMachine } from './machine_view.ts'
import { pageStore } from './page_store.ts'
import type { ArrayScene } from './scene.ts'

/** The array on the stage: the one that was picked, else the first there is. */
export function useShownArray(): ArrayScene | undefined {
  const shown = useStore(pageStore, (state) => state.shown)
  const { store } = useMachine()
  return useStore(store, ({ scene }) => scene.arrays.find(({ name }) => name === shown) ?? scene.arrays[0])
}
