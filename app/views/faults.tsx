import { useId, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { typeLine } from '../model/engine.ts'
import {
  FAULT_KINDS,
  faultLine,
  faultTrouble,
  faultWords,
  type FaultForm,
  type FaultKindName,
} from '../model/fault_lines.ts'
import { machineStore } from '../model/machine_store.ts'
import { ActionButton } from './action_button.tsx'

const KIND_WORDS: Readonly<Record<FaultKindName, string>> = {
  latent: 'latent: cannot be read',
  rot: 'rot: reads wrong bytes',
  slow: 'slow',
  hang: 'hang',
}
const AMOUNTS: Readonly<Record<FaultKindName, readonly [label: string, first: string, placeholder: string]>> = {
  latent: ['sectors', '2048+8', ''],
  rot: ['sectors', '2048+8', ''],
  slow: ['times', '10', ''],
  hang: ['for', '100ms', 'ever'],
}

function AddFault(): ReactElement {
  const disks = useStore(machineStore, (state) => state.scene.disks)
  const [form, setForm] = useState<FaultForm>({ kind: 'latent', disk: '', amount: AMOUNTS.latent[1] })
  const disk = disks.find(({ name }) => name === form.disk) ?? disks[0]
  const whole = { ...form, disk: (disk as typeof disk | undefined)?.name ?? '' }
  const trouble = faultTrouble(whole, (disk as typeof disk | undefined)?.sectors ?? 0)
  const [label, , placeholder] = AMOUNTS[form.kind]
  const id = useId()
  return (
    <form
      className="fault-form"
      aria-label="A new fault"
      onSubmit={(event) => {
        event.preventDefault()
        if (trouble === undefined) void typeLine(faultLine(whole))
      }}
    >
      <select
        className="text-field"
        aria-label="Kind of fault"
        value={form.kind}
        onChange={(event) => {
          const kind = event.target.value as FaultKindName
          setForm({ ...form, kind, amount: AMOUNTS[kind][1] })
        }}
      >
        {FAULT_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {KIND_WORDS[kind]}
          </option>
        ))}
      </select>
      <select
        className="text-field mono"
        aria-label="Disk"
        value={whole.disk}
        onChange={(event) => setForm({ ...form, disk: event.target.value })}
      >
        {disks.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <label className="form-row" htmlFor={id}>
        <span className="form-label">{label}</span>
        <input
          id={id}
          className="text-field mono"
          size={8}
          value={form.amount}
          placeholder={placeholder}
          aria-invalid={trouble !== undefined}
          autoComplete="off"
          onChange={(event) => setForm({ ...form, amount: event.target.value.trim() })}
        />
      </label>
      <ActionButton type="submit" className="button-small" hint={faultLine(whole)} refusal={trouble}>
        Add
      </ActionButton>
    </form>
  )
}

/** The wounds there are, to be lifted one by one, and a way to add one. */
export function Faults(): ReactElement {
  const faults = useStore(machineStore, (state) => state.scene.faults)
  const [isOpen, setOpen] = useState(false)
  return (
    <section className="faults" aria-label="Faults">
      <header className="faults-head">
        <h3 className="panel-title">Faults</h3>
        <span className="dialog-note">{faults.length === 0 ? 'none' : faults.length}</span>
        <ActionButton
          className="button-small button-quiet"
          aria-label="Add a fault"
          aria-expanded={isOpen}
          hint="Sectors that rot or cannot be read, a disk that is slow or silent"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? '−' : '+ add'}
        </ActionButton>
      </header>
      {isOpen && <AddFault />}
      {faults.length > 0 && (
        <ul className="faults-list">
          {faults.map((fault) => (
            <li key={fault.id}>
              <span className="number">
                <b>{fault.id}</b> {faultWords(fault)}
              </span>
              <ActionButton
                className="button-small button-quiet"
                aria-label={`Lift fault ${fault.id}`}
                hint={`fault lift ${fault.id}`}
                onClick={() => void typeLine(`fault lift ${fault.id}`)}
              >
                lift
              </ActionButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
