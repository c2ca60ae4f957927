import { useId, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { perSecond, sectorBytes } from '../draw/format.ts'
import { typeLine } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import { freeName, WORKLOAD_FORM, workloadLine, workloadTroubles, type WorkloadForm } from '../model/workload_line.ts'
import { ActionButton } from './action_button.tsx'
import { Dialog, DialogTitle } from './dialog.tsx'
import { LatencyPanel } from './latency_panel.tsx'
import { Segments } from './segments.tsx'

const PATTERNS = [
  ['random', 'random'],
  ['seq', 'sequential'],
] as const

function TextField({
  label,
  value,
  trouble,
  size,
  placeholder,
  unit,
  onChange,
}: {
  label: string
  value: string
  trouble: string | undefined
  size: number
  placeholder?: string
  unit?: string
  onChange: (value: string) => void
}): ReactElement {
  const id = useId()
  return (
    <span className="workload-field">
      <label htmlFor={id} className="form-label">
        {label}
      </label>
      <span className="form-row">
        <input
          id={id}
          className="text-field mono"
          size={size}
          value={value}
          placeholder={placeholder}
          aria-invalid={trouble !== undefined}
          aria-describedby={trouble === undefined ? undefined : `${id}-trouble`}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value.trim())}
        />
        {unit !== undefined && <span className="form-label">{unit}</span>}
      </span>
      {trouble !== undefined && (
        <span id={`${id}-trouble`} className="dialog-note dialog-trouble">
          {trouble}
        </span>
      )}
    </span>
  )
}

function StartForm(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const taken = scene.workloads.map(({ name }) => name)
  const devices = [
    ...scene.arrays.map(({ name }) => name),
    ...scene.mapped.map(({ name }) => `mapper/${name}`),
    ...scene.disks.filter(({ isAbsent }) => !isAbsent).map(({ name }) => name),
  ]
  const [typed, setTyped] = useState<Partial<WorkloadForm>>({})
  const form: WorkloadForm = { ...WORKLOAD_FORM, name: freeName(taken), device: devices[0] ?? '', ...typed }
  const set = (change: Partial<WorkloadForm>): void => setTyped({ ...typed, ...change })
  const troubles = workloadTroubles(form, taken)
  const line = workloadLine(form)
  const holder = scene.disks.find(({ name }) => name === form.device)?.claimedBy
  const refusal = isPowerOn ? Object.values(troubles)[0] : 'The power is off.'
  const deviceId = useId()
  return (
    <form
      className="dialog-part"
      aria-label="A new workload"
      onSubmit={(event) => {
        event.preventDefault()
        if (refusal !== undefined) return
        void typeLine(line)
        const { name: _started, ...rest } = typed
        setTyped(rest)
      }}
    >
      <h3 className="panel-title">A new workload</h3>
      <div className="workload-fields">
        <TextField label="name" value={form.name} trouble={troubles.name} size={8} onChange={(name) => set({ name })} />
        <span className="workload-field">
          <label htmlFor={deviceId} className="form-label">
            device
          </label>
          <select
            id={deviceId}
            className="text-field mono"
            value={form.device}
            onChange={(event) => set({ device: event.target.value })}
          >
            {devices.map((name) => (
              <option key={name} value={name}>
                /dev/{name}
              </option>
            ))}
          </select>
          {holder !== undefined && holder !== '' && (
            <span className="dialog-note danger">It belongs to {holder}: writing behind its back breaks it.</span>
          )}
        </span>
        <Segments legend="pattern" options={PATTERNS} value={form.pattern} onChange={(pattern) => set({ pattern })} />
        <TextField
          label="reads"
          value={form.read}
          trouble={troubles.read}
          size={3}
          unit="%"
          onChange={(read) => set({ read })}
        />
        <TextField label="size" value={form.size} trouble={troubles.size} size={5} onChange={(size) => set({ size })} />
        <TextField
          label="depth"
          value={form.depth}
          trouble={troubles.depth}
          size={4}
          onChange={(depth) => set({ depth })}
        />
        <TextField
          label="rate"
          value={form.rate}
          trouble={troubles.rate}
          size={7}
          unit="/s"
          placeholder="all it can"
          onChange={(rate) => set({ rate })}
        />
        <TextField
          label="region"
          value={form.region}
          trouble={troubles.region}
          size={8}
          placeholder="all of it"
          onChange={(region) => set({ region })}
        />
        <label className="form-row workload-sync">
          <input type="checkbox" checked={form.isSync} onChange={(event) => set({ isSync: event.target.checked })} />
          sync: a flush after each write
        </label>
      </div>
      <div className="form-row workload-start">
        <code className="dialog-line">{line}</code>
        <ActionButton type="submit" className="button-solid" refusal={refusal}>
          Start
        </ActionButton>
      </div>
    </form>
  )
}

function RunningList(): ReactElement {
  const workloads = useStore(machineStore, (state) => state.scene.workloads)
  return (
    <section aria-label="Running workloads" className="dialog-part workload-running">
      <h3 className="panel-title">Running</h3>
      {workloads.length === 0 && <p className="dialog-note">None.</p>}
      <ul>
        {workloads.map(({ name, device, kind, sizeSectors, depth, isSync, rate, errors }) => (
          <li key={name} className="workload">
            <span>
              <b>{name}</b> <span className="mono">{device.startsWith('/dev/') ? device : `/dev/${device}`}</span>
              <br />
              <span className="dialog-note number">
                {kind} · {sectorBytes(sizeSectors)} · depth {depth}
                {isSync ? ' · sync' : ''} · {perSecond(rate)}
                {errors > 0 && <span className="danger"> · {errors} errors</span>}
              </span>
            </span>
            <ActionButton
              className="button-small"
              hint={`workload stop ${name}`}
              aria-label={`Stop ${name}`}
              onClick={() => void typeLine(`workload stop ${name}`)}
            >
              Stop
            </ActionButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Workloads: to start and to stop them, and what they do to the devices. */
export function WorkloadDialog(): ReactElement {
  return (
    <Dialog label="Workloads" className="dialog-wide dialog-workloads">
      <DialogTitle>Workloads</DialogTitle>
      <div className="workload-top">
        <StartForm />
        <RunningList />
      </div>
      <LatencyPanel />
    </Dialog>
  )
}
