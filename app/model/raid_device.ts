import { isMappedArray } from './array_lines.ts'
import type { MachineScene } from './machine_scene.ts'
import type { Selection } from './page_store.ts'

const MAPPED = 'mapper/'

/**
 * The mapped device with a raid table that is meant: the one that was picked, or whose array was, else that of the array on the stage.
 * @returns its name in /dev/mapper
 */
export function raidDeviceOf(
  scene: MachineScene,
  selection: Selection | undefined,
  shown: string | undefined,
): string | undefined {
  const isRaid = (name: string): boolean => scene.arrays.some((array) => array.name === MAPPED + name)
  if (selection?.kind === 'mapped' && isRaid(selection.mapped)) return selection.mapped
  const array = selection !== undefined && 'array' in selection ? selection.array : undefined
  const found = [array, shown, scene.arrays[0]?.name].find((name) => name !== undefined)
  return found !== undefined && isMappedArray(found) ? found.slice(MAPPED.length) : undefined
}
