import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { isMappedArray } from '../model/array_lines.ts'
import { typeLine } from '../model/engine.ts'
import { diskFaultLines } from '../model/fault_lines.ts'
import { machineStore } from '../model/machine_store.ts'
import type { DiskScene } from '../model/machine_scene.ts'
import type { ArrayScene } from '../model/scene.ts'
import { Icon } from './icon.tsx'
import { Menu, type MenuEntry } from './menu.tsx'

/** What a person can do to a disk; each entry types its line. */
export function diskActions(
  disk: DiskScene,
  arrays: readonly ArrayScene[],
  isPowerOn: boolean,
): Omit<MenuEntry, 'onSelect'>[] {
  const { name, isPulled } = disk
  const membership = arrays.flatMap((array) =>
    [...array.members, ...array.others].filter(({ disk: of }) => of === name).map(({ state }) => ({ array, state })),
  )[0] as { array: ArrayScene; state: string } | undefined
  const array = membership?.array
  const isFaulty = membership?.state === 'faulty'
  const isOut = isPulled ? `${name} is pulled.` : undefined
  const isIn = isPulled ? undefined : `${name} is in its place; pull it first.`
  const off = isPowerOn ? undefined : 'The power is off.'
  const spare = arrays.find((one) => !isMappedArray(one.name))?.name
  const leg = array && isMappedArray(array.name) ? 'The legs of a raid target stand in its table.' : undefined
  return [
    { label: 'Pull it', line: `disk pull ${name}`, refusal: isOut },
    { label: 'Insert a blank one', line: `disk insert ${name} --blank`, refusal: isIn },
    { label: 'Insert the old one', line: `disk insert ${name} --old`, refusal: isIn },
    {
      label: 'Remove it from the array',
      line: `mdadm /dev/${array?.name ?? spare ?? 'md0'} --remove /dev/${name}`,
      refusal:
        off ??
        leg ??
        (array ? (isFaulty ? undefined : 'Only a failed member can be removed.') : `${name} is in no array.`),
    },
    {
      label: 'Add it to the array',
      line: `mdadm /dev/${spare ?? 'md0'} --add /dev/${name}`,
      refusal: off ?? isOut ?? (array ? `${name} is in ${array.name}.` : spare ? undefined : 'There is no array.'),
    },
    {
      label: 'Call it failed',
      line: `mdadm /dev/${array?.name ?? 'md0'} --fail /dev/${name}`,
      refusal: off ?? leg ?? (array ? (isFaulty ? 'It has failed already.' : undefined) : `${name} is in no array.`),
    },
    { label: 'Ten times slower', line: `fault add slow ${name} 10`, refusal: isOut },
    { label: 'Hang for 100 ms', line: `fault add hang ${name} 100ms`, refusal: isOut },
  ]
}

/** The dots beside a disk. */
export function DiskMenu({ disk }: { disk: DiskScene }): ReactElement {
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const scene = useStore(machineStore, (state) => state.scene)
  const all = [...diskActions(disk, scene.arrays, isPowerOn), ...diskFaultLines(scene, disk.name)]
  const entries = all.map((entry) => ({
    ...entry,
    onSelect: () => void typeLine(entry.line),
  }))
  return (
    <Menu
      label={`What can be done to ${disk.name}`}
      className="button-icon button-small button-quiet"
      entries={entries}
    >
      <Icon name="more" />
    </Menu>
  )
}
