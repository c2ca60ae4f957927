import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock, count, plural } from '../draw/format.ts'
import { renameBranch, switchBranch } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { Icon } from './icon.tsx'
import { Menu } from './menu.tsx'

/** The branches of time, to return to another one; nothing as long as there is one only. */
export function BranchMenu(): ReactElement | null {
  const branches = useStore(timeStore, (state) => state.branches)
  if (branches.length < 2) return null
  const current = branches.find(({ isCurrent }) => isCurrent)?.name ?? ''
  const entries = branches.map(({ name, parent, forkedAtStep, steps, time, lines, isCurrent }) => ({
    label: parent === null ? name : `${name}, from ${parent} at step ${count(forkedAtStep)}`,
    line: `${plural(lines, 'line')}, to step ${count(steps)}, ${clock(time)}`,
    ...(isCurrent && { refusal: 'this is the branch that is shown' }),
    onSelect: () => switchBranch(name),
  }))
  const rename = {
    label: 'Rename this branch …',
    line: current,
    onSelect: () => {
      const name = window.prompt('Name of this branch of time', current)
      if (name !== null && name.trim() !== current) void renameBranch(current, name)
    },
  }
  return (
    <Menu label={`Branches: ${current}`} className="button-small button-quiet" entries={[...entries, rename]}>
      {current} <Icon name="down" size={11} />
    </Menu>
  )
}
