import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { machineStore } from '../model/machine_store.ts'
import { goLive, nextEvent, previousEvent, stepBack } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { ActionButton } from './action_button.tsx'
import { Icon } from './icon.tsx'

const NEWEST = 'This is the newest moment.'

function useNoMachine(): string | undefined {
  const condition = useStore(machineStore, (state) => state.condition)
  return condition === 'running' ? undefined : 'There is no machine whose past could be shown.'
}

/** To the notable event before, and one disk I/O back. */
export function BackButtons(): ReactElement {
  const none = useNoMachine()
  const reason = useStore(timeStore, ({ step, leftStep, leftReason }) =>
    step > leftStep ? undefined : (leftReason ?? 'This is the beginning.'),
  )
  return (
    <>
      <ActionButton
        className="button-icon"
        aria-label="Previous event"
        hint="To what was notable before (Shift+←)"
        refusal={none}
        onClick={previousEvent}
      >
        <Icon name="previous" />
      </ActionButton>
      <ActionButton
        className="button-icon"
        aria-label="Step back"
        hint="One disk I/O back (←)"
        refusal={none ?? reason}
        onClick={stepBack}
      >
        <Icon name="back" />
      </ActionButton>
    </>
  )
}

/** To the notable event that comes next. */
export function NextButton(): ReactElement {
  const none = useNoMachine()
  const isLive = useStore(timeStore, (state) => state.isLive)
  return (
    <ActionButton
      className="button-icon"
      aria-label="Next event"
      hint="To what is notable next (Shift+→)"
      refusal={none ?? (isLive ? `${NEWEST} What comes next has not happened yet.` : undefined)}
      onClick={nextEvent}
    >
      <Icon name="next" />
    </ActionButton>
  )
}

/** To the newest moment. */
export function LiveButton(): ReactElement {
  const none = useNoMachine()
  const isLive = useStore(timeStore, (state) => state.isLive)
  return (
    <ActionButton
      hint="To the newest moment of this branch"
      refusal={none ?? (isLive ? NEWEST : undefined)}
      onClick={goLive}
    >
      Live
    </ActionButton>
  )
}
