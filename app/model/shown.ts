import { useStore } from 'zustand'
import { machineStore } from './machine_store.ts'
import { pageStore } from './page_store.ts'
import type { ArrayScene } from './scene.ts'

/** The array on the stage: the one that was picked, else the first there is. */
export function useShownArray(): ArrayScene | undefined {
  const shown = useStore(pageStore, (state) => state.shown)
  return useStore(machineStore, ({ scene }) => scene.arrays.find(({ name }) => name === shown) ?? scene.arrays[0])
}
