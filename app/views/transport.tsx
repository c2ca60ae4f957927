import type { CSSProperties, ReactElement } from 'react'
import { useStore } from 'zustand'
import { MAX_NOTCH, notchOfSpeed, speedOfNotch, speedText } from '../draw/speed_scale.ts'
import { clock, duration } from '../draw/format.ts'
import { cutPower, pause, play, powerOn, setSpeed, step } from '../model/actions.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { timeStore } from '../model/time_store.ts'
import { ActionButton } from './action_button.tsx'
import { CutMenu } from './cut_menu.tsx'
import { Icon } from './icon.tsx'
import { ShareButtons } from './late.tsx'
import { BackButtons, LiveButton, NextButton } from './time_buttons.tsx'
import { useLongPress } from './use_long_press.ts'

const POWER_IS_OFF = 'The power is off: nothing happens until it is on again.'
const NO_MACHINE = 'There is no machine on this page.'
const STARTING = 'The machine is being started.'

/** Why time cannot be moved now, or undefined if it can. */
function useTimeRefusal(): string | undefined {
  const condition = useStore(machineStore, (state) => state.condition)
  const isOn = useStore(machineStore, (state) => state.isPowerOn)
  const isLive = useStore(timeStore, (state) => state.isLive)
  if (condition === 'starting') return STARTING
  if (condition !== 'running') return NO_MACHINE
  return isOn || !isLive ? undefined : POWER_IS_OFF
}

export function PlayButtons(): ReactElement {
  const isPlaying = useStore(machineStore, (state) => state.isPlaying)
  const refusal = useTimeRefusal()
  return (
    <div className="transport-group transport-buttons">
      <BackButtons />
      {isPlaying ? (
        <ActionButton className="button-solid transport-play" hint="Space" refusal={refusal} onClick={pause}>
          <Icon name="pause" /> Pause
        </ActionButton>
      ) : (
        <ActionButton className="button-solid transport-play" hint="Space" refusal={refusal} onClick={play}>
          <Icon name="play" /> Play
        </ActionButton>
      )}
      <ActionButton
        className="button-icon"
        aria-label="Step forward"
        hint="One disk I/O forwards (→)"
        refusal={refusal}
        onClick={step}
      >
        <Icon name="step" />
      </ActionButton>
      <NextButton />
    </div>
  )
}

export function Clock(): ReactElement {
  const time = useStore(machineStore, (state) => clock(state.time))
  const skipped = useStore(machineStore, (state) => state.skipped)
  const isHurrying = useStore(machineStore, (state) => state.isHurrying)
  return (
    <div className="transport-clock" title="Virtual time since the machine was made">
      <span className="mono">{time}</span>
      <span className="transport-skip" data-on={isHurrying || skipped > 0 || undefined}>
        {isHurrying ? 'the command, at full speed' : `${duration(skipped)} idle skipped`}
      </span>
    </div>
  )
}

function Speed(): ReactElement {
  const speed = useStore(machineStore, (state) => state.speed)
  const notch = notchOfSpeed(speed)
  const text = speedText(speed)
  return (
    <label className="transport-speed" title="Virtual time to real time (+ and −)">
      <span className="unseen">Speed</span>
      <span className="mono transport-speed-text" aria-hidden="true">
        {text}
      </span>
      <input
        type="range"
        min={0}
        max={MAX_NOTCH}
        step={1}
        value={notch}
        aria-valuetext={speed === Infinity ? 'as fast as it can' : `${text}, virtual to real time`}
        style={{ '--filled': `${(notch / MAX_NOTCH) * 100}%` } as CSSProperties}
        onChange={(event) => setSpeed(speedOfNotch(Number(event.target.value)))}
      />
    </label>
  )
}

/** One button in one place, so that the focus stays when what it does changes. */
export function Power(): ReactElement {
  const condition = useStore(machineStore, (state) => state.condition)
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const isOn = isPowerOn || condition !== 'running'
  const refusal = condition === 'running' ? undefined : condition === 'starting' ? STARTING : NO_MACHINE
  const press = useLongPress(() => {
    if (isOn && refusal === undefined) pageStore.getState().openDialog('cut')
  })
  return (
    <div className="transport-cut">
      <ActionButton
        {...press}
        className={isOn ? 'button-danger' : 'button-power'}
        hint={
          isOn
            ? 'Now. What was only in the disks’ caches survives or is lost by chance (X)'
            : 'A new kernel on the same disks; the boot script runs (X)'
        }
        refusal={refusal}
        onClick={(event) => {
          if (isOn) cutPower()
          // The second half of a double click was not meant for the button that has taken the place.
          else if (event.detail < 2) powerOn()
        }}
      >
        <Icon name="power" size={15} /> {isOn ? 'Cut power' : 'Power on'}
      </ActionButton>
      {isOn && <CutMenu refusal={refusal} />}
    </div>
  )
}

/** The bar above everything: what time does, and the power. */
export function Transport(): ReactElement {
  const open = useStore(pageStore, (state) => state.openDialog)
  return (
    <header className="transport">
      <div className="transport-brand">
        <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
          <g fill="var(--data)">
            <rect x="1" y="3" width="18" height="7" rx="1.5" />
            <rect x="1" y="12.500" width="8" height="7" rx="1.5" />
            <rect x="23" y="12.500" width="8" height="7" rx="1.5" />
            <rect x="13" y="22" width="18" height="7" rx="1.5" />
          </g>
          <g fill="var(--parity)">
            <rect x="23" y="3" width="8" height="7" rx="1.5" />
            <rect x="12" y="12.500" width="8" height="7" rx="1.5" />
            <rect x="1" y="22" width="8" height="7" rx="1.5" />
          </g>
        </svg>
        <h1>Blockscope</h1>
      </div>
      <div className="transport-group transport-time">
        <PlayButtons />
        <Clock />
        <Speed />
        <LiveButton />
      </div>
      <div className="transport-group transport-end">
        <Power />
        <ActionButton hint="Start and stop I/O; its rate and latency" onClick={() => open('workloads')}>
          Workloads
        </ActionButton>
        <ShareButtons />
        <ActionButton
          className="button-quiet"
          hint="Everything that can be done (Ctrl+K)"
          onClick={() => open('palette')}
        >
          <Icon name="search" /> <span className="transport-word">Actions</span>
        </ActionButton>
        <ActionButton
          className="button-icon button-quiet"
          aria-label="Keys"
          hint="What the keys do (?)"
          onClick={() => open('keys')}
        >
          ?
        </ActionButton>
      </div>
    </header>
  )
}
