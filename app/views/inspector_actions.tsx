import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { typeLine } from '../model/engine.ts'
import { useMachine } from '../model/machine_view.ts'
import type { Picture } from '../model/picture.ts'
import { chunkFaultLines, diskFaultLines } from '../model/fault_lines.ts'
import { detailLine, syncLine } from '../model/array_lines.ts'
import type { MachineScene } from '../model/machine_scene.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import { raidDeviceOf } from '../model/raid_device.ts'
import { ActionButton } from './action_button.tsx'
import { diskActions } from './disk_menu.tsx'

export interface LineAction {
  readonly label: string
  readonly line: string
  readonly refusal?: string | undefined
}

function arrayActions(scene: MachineScene, name: string): readonly LineAction[] {
  const array = scene.arrays.find((candidate) => candidate.name === name)
  if (!array) return []
  const busy = array.sync ? `A ${array.sync.action} is under way.` : undefined
  return [
    { label: 'Check', line: syncLine(name, 'check'), refusal: busy },
    { label: 'Repair', line: syncLine(name, 'repair'), refusal: busy },
    { label: 'Detail', line: detailLine(name) },
    { label: 'Write 4 KiB', line: `dd if=/dev/urandom of=/dev/${name} bs=4k count=1 seek=7 oflag=direct` },
  ]
}

function mappedActions(scene: MachineScene, name: string): readonly LineAction[] {
  const table = scene.mapped.find((mapped) => mapped.name === name)?.table ?? []
  const path = `/dev/mapper/${name}`
  const isWrittenTree = table.some((line) => line.includes(' hashtree '))
  const isTree = isWrittenTree || table.some((line) => line.includes(' verity '))
  const actions: LineAction[] = [
    { label: 'Suspend', line: `dmsetup suspend ${name}` },
    { label: 'Resume', line: `dmsetup resume ${name}` },
    { label: 'Status', line: `dmsetup status ${name}` },
  ]
  if (isTree) actions.push({ label: 'Read it all', line: `dd if=${path} of=/dev/null bs=64k iflag=direct` })
  if (isWrittenTree) {
    actions.push(
      { label: 'Which blocks fail', line: `dmsetup message ${name} 0 failing` },
      { label: 'Write 4 KiB', line: `dd if=/dev/urandom of=${path} bs=4k count=1 seek=7 oflag=direct` },
      { label: 'Flush it', line: `dd if=/dev/null of=${path} count=0 conv=fsync,notrunc` },
    )
  }
  return actions
}

/** What can be done to one chunk: written through the array, or wounded on its disk. */
export function chunkActions(
  now: Picture,
  scene: MachineScene,
  array: string,
  stripe: number,
  slot: number,
): readonly LineAction[] {
  const field = now.arrays.get(array)?.field
  const frame = now.frame?.arrays.find(({ name }) => name === array)
  const member = frame?.members.find((candidate) => candidate.slot === slot)
  if (!field || !frame || !member || member.name === '') return []
  const { map } = field
  const first = stripe * frame.chunkSectors
  const sector = member.dataOffset + first
  const block = map.arraySector(slot, first) / 8
  const isDisk = scene.disks.some(({ name }) => name === member.name)
  const noDisk = isDisk ? undefined : `${member.name} is no disk: its own disks can be wounded.`
  return [
    {
      label: 'Write 4 KiB here',
      line: `dd if=/dev/urandom of=/dev/${array} bs=4k count=1 seek=${block} oflag=direct`,
      refusal: block < 0 ? 'Parity is written by the array alone.' : undefined,
    },
    {
      label: 'Read it',
      line: `dd if=/dev/${array} of=/dev/null bs=4k count=1 skip=${block} iflag=direct`,
      refusal: block < 0 ? 'Parity is read by the array alone.' : undefined,
    },
    { label: 'Let its first page rot', line: `fault add rot ${member.name} ${sector}+8`, refusal: noDisk },
    { label: 'Make its first page unreadable', line: `fault add latent ${member.name} ${sector}+8`, refusal: noDisk },
  ]
}

function memberDisk(scene: MachineScene, array: string, slot: number): string | undefined {
  return scene.arrays.find(({ name }) => name === array)?.members.find((member) => member.slot === slot)?.disk
}

/** What the menu of a place on the stage offers: of a chunk, or of its disk where the head of a column was meant. */
export function stageActions(
  now: Picture,
  scene: MachineScene,
  array: string,
  stripe: number,
  slot: number,
): readonly LineAction[] {
  const frame = now.frame?.arrays.find(({ name }) => name === array)
  const member = frame?.members.find((candidate) => candidate.slot === slot)
  if (!frame || !member || member.name === '') return []
  if (stripe >= 0) {
    const sector = member.dataOffset + stripe * frame.chunkSectors
    return [
      ...chunkActions(now, scene, array, stripe, slot),
      ...chunkFaultLines(scene, member.name, sector, frame.chunkSectors),
    ]
  }
  const disk = scene.disks.find(({ name }) => name === member.name)
  return disk ? [...diskActions(disk, scene.arrays, scene.isPowerOn), ...diskFaultLines(scene, disk.name)] : []
}

function actionsFor(now: Picture, scene: MachineScene, selection: Selection): readonly LineAction[] {
  switch (selection.kind) {
    case 'array':
      return arrayActions(scene, selection.array)
    case 'stripe':
    case 'bit':
    case 'event':
    case 'command':
      return []
    case 'member': {
      const disk = memberDisk(scene, selection.array, selection.slot)
      return disk === undefined ? [] : actionsFor(now, scene, { kind: 'disk', disk })
    }
    case 'fault':
      return [{ label: 'Lift it', line: `fault lift ${selection.fault}` }]
    case 'chunk':
      return chunkActions(now, scene, selection.array, selection.stripe, selection.slot)
    case 'disk': {
      const disk = scene.disks.find(({ name }) => name === selection.disk)
      const lifts = scene.faults
        .filter((fault) => fault.disk === selection.disk)
        .map(({ id, kind }) => ({ label: `Lift fault ${id}, ${kind}`, line: `fault lift ${id}` }))
      const actions = disk ? diskActions(disk, scene.arrays, scene.isPowerOn) : []
      return [...actions.filter(({ refusal }) => refusal === undefined), ...lifts]
    }
    case 'mapped':
      return mappedActions(scene, selection.mapped)
    case 'workload':
      return [{ label: 'Stop it', line: `workload stop ${selection.workload}` }]
  }
}

/** What can be done to what was picked; each button types its line. */
export function InspectorActions({ selection }: { selection: Selection }): ReactElement | null {
  const { store, picture, side } = useMachine()
  const scene = useStore(store, (state) => state.scene)
  const actions = actionsFor(picture(), scene, selection)
  const isRaidTable =
    side !== 'right' &&
    (selection.kind === 'mapped' || selection.kind === 'array') &&
    raidDeviceOf(scene, selection, undefined) !== undefined
  if (actions.length === 0) return null
  return (
    <div className="inspector-actions">
      {actions.map(({ label, line, refusal }) => (
        <ActionButton
          key={label}
          className="button-small"
          hint={line}
          refusal={refusal}
          onClick={() => void typeLine(line)}
        >
          {label}
        </ActionButton>
      ))}
      {isRaidTable && (
        <ActionButton
          className="button-small"
          hint="What the table means for each leg, and why"
          onClick={() => pageStore.getState().openDialog('table')}
        >
          Explain the table
        </ActionButton>
      )}
    </div>
  )
}
