import { Command } from 'cmdk'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { changeSpeed, setSpeed, startAfresh, step, togglePlay } from '../model/actions.ts'
import { COMMAND_NAMES, familyOf } from '../model/command_family.ts'
import { consoleStore } from '../model/console_store.ts'
import { typeLine } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { toggleMap, togglePresenting } from '../model/show_actions.ts'
import { goLive, nextEvent, previousEvent, stepBack, undo } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { twinStore } from '../model/twin_store.ts'
import { Dialog } from './dialog.tsx'
import { detailLine, syncLine } from '../model/array_lines.ts'
import { useFileActions } from './export_menu.tsx'
import { diskActions } from './disk_menu.tsx'

interface Entry {
  readonly label: string
  /** The line it types, or the key that does the same. */
  readonly line: string
  readonly refusal?: string | undefined
  readonly act: () => void
}

function Group({ heading, entries }: { heading: string; entries: readonly Entry[] }): ReactElement {
  return (
    <Command.Group heading={heading}>
      {entries.map(({ label, line, refusal, act }) => (
        <Command.Item
          key={`${label} ${line}`}
          value={`${label} ${line}`}
          disabled={refusal !== undefined}
          onSelect={() => {
            pageStore.getState().closeDialog()
            act()
          }}
        >
          <span>{label}</span>
          <span className="menu-line">{refusal ?? line}</span>
        </Command.Item>
      ))}
    </Command.Group>
  )
}

/** Everything that can be done, by name. */
export function Palette(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const isPlaying = useStore(machineStore, (state) => state.isPlaying)
  const isLive = useStore(timeStore, (state) => state.isLive)
  const live = isLive ? 'This is the newest moment.' : undefined
  const isCompared = useStore(twinStore, (state) => state.isThere)
  const off = isPowerOn ? undefined : 'The power is off.'
  const typed = (label: string, line: string, refusal?: string): Entry => ({
    label,
    line,
    refusal,
    act: () => void typeLine(line),
  })
  const files = useFileActions().map(({ onSelect, ...action }): Entry => ({ ...action, act: onSelect }))
  const open = pageStore.getState().openDialog
  const time: readonly Entry[] = [
    { label: isPlaying ? 'Pause' : 'Play', line: 'Space', refusal: off, act: togglePlay },
    { label: 'One disk I/O forwards', line: '→', refusal: off, act: step },
    { label: 'One disk I/O back', line: '←', act: stepBack },
    { label: 'To the next event', line: 'Shift+→', refusal: live, act: nextEvent },
    { label: 'To the previous event', line: 'Shift+←', act: previousEvent },
    { label: 'Undo: back before the last command', line: 'Ctrl+Z', act: undo },
    { label: 'To the newest moment', line: '', refusal: live, act: goLive },
    { label: 'Faster', line: '+', act: () => changeSpeed(1) },
    { label: 'Slower', line: '−', act: () => changeSpeed(-1) },
    { label: 'Slowest: 1 : 1 000 000', line: '', act: () => setSpeed(1e-6) },
    { label: 'As fast as it can', line: '', act: () => setSpeed(Infinity) },
  ]
  const shows: readonly Entry[] = [
    { label: 'Presenter mode: the stage alone, in large type', line: 'P', act: togglePresenting },
    {
      label: 'The array as a map, or as a drawing',
      line: 'M',
      refusal: scene.arrays.some(({ rows }) => rows.length > 0) ? undefined : 'Large arrays are always shown as a map.',
      act: toggleMap,
    },
    { label: 'Keys', line: '?', act: () => open('keys') },
  ]
  const power = [
    typed('Cut the power', 'power cut', off),
    { label: 'Cut the power: choose what survives…', line: 'long press', refusal: off, act: () => open('cut') },
    typed('Cut it after the next disk write', 'power cut --after-writes 1', off),
    typed('Switch the power on', 'power on', isPowerOn ? 'The power is on.' : undefined),
    { label: 'Start afresh', line: 'erases the machine and its disks', act: startAfresh },
  ]
  const disks = scene.disks.flatMap((disk) =>
    diskActions(disk, scene.arrays, isPowerOn).map(({ label, line, refusal }) =>
      typed(`${disk.name}: ${label}`, line, refusal),
    ),
  )
  const arrays = scene.arrays.flatMap(({ name }) => [
    typed(`${name}: check`, syncLine(name, 'check'), off),
    typed(`${name}: repair`, syncLine(name, 'repair'), off),
    typed(`${name}: detail`, detailLine(name), off),
    typed('State of all arrays', 'cat /proc/mdstat', off),
  ])
  const compare: readonly Entry[] = [
    { label: 'Side by side: another machine beside this one…', line: 'compare', act: () => open('compare') },
    typed('Side by side: with and without a bitmap', 'compare --bitmap=none'),
    { ...typed('One machine again', 'compare off'), refusal: isCompared ? undefined : 'Nothing is being compared.' },
  ]
  const workloads: readonly Entry[] = [
    { label: 'Workloads: start one, see rates and latencies…', line: '', act: () => open('workloads') },
    ...scene.workloads.map(({ name }) => typed(`Stop workload ${name}`, `workload stop ${name}`, off)),
  ]
  const help = COMMAND_NAMES.map((name) => ({
    label: name,
    line: familyOf(name) === 'lab' ? 'a command of the lab' : 'as in a root shell',
    act: () => {
      consoleStore.getState().setDraft(`${name} `)
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.console-field input')?.focus())
    },
  }))
  return (
    <Dialog label="Actions">
      <Command label="Actions" loop className="palette">
        <Command.Input placeholder="What shall be done?" autoFocus />
        <Command.List>
          <Command.Empty>Nothing of that name.</Command.Empty>
          <Group heading="Power" entries={power} />
          <Group heading="Time" entries={time} />
          <Group heading="View" entries={shows} />
          {arrays.length > 0 && <Group heading="Arrays" entries={arrays} />}
          <Group heading="Side by side" entries={compare} />
          <Group heading="Workloads" entries={workloads} />
          <Group heading="Files" entries={files} />
          <Group heading="Disks" entries={disks} />
          <Group heading="Commands, into the console" entries={help} />
        </Command.List>
      </Command>
    </Dialog>
  )
}
