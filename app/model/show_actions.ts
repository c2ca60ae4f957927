/** What changes how the stage is shown, and nothing else. */
import { isEmbedded } from './embedded.ts'
import { machineStore } from './machine_store.ts'
import { pageStore } from './page_store.ts'
import { zoomStore } from './zoom_store.ts'

/** The stage alone, in large type, or the whole page. */
export function togglePresenting(): void {
  const { isPresenting, present } = pageStore.getState()
  // What others embed is the stage alone already.
  if (!isEmbedded) present(!isPresenting)
}

/** The array on the stage as a map that zooms, or as a drawing; one with too many chunks for that stays a map. */
export function toggleMap(): void {
  const { shown } = pageStore.getState()
  const { arrays } = machineStore.getState().scene
  const array = arrays.find(({ name }) => name === shown) ?? arrays.at(0)
  if (array && array.rows.length > 0) zoomStore.getState().toggle(array.name)
}
