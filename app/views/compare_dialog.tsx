import { useId, useState, type ReactElement } from 'react'
import type { PlacedCommand } from '../../engine/api/twin_frame.ts'
import { arrayOptions, commandLine, createCommand, optionsLine, type ArrayOptions } from '../model/compare_line.ts'
import { enginePort, typeLine } from '../model/engine.ts'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { Dialog, DialogTitle } from './dialog.tsx'
import { Segments } from './segments.tsx'
import { useAnswer } from './use_answer.ts'
import './compare.css'

const WAYS = [
  ['option', 'an option of the array'],
  ['command', 'any line'],
] as const
type Way = (typeof WAYS)[number][0]

const BITMAPS = [
  ['internal', 'with'],
  ['none', 'without'],
] as const
const CHUNKS = ['4', '8', '16', '32', '64', '128', '256', '512']
const LAYOUTS = ['left-symmetric', 'left-asymmetric', 'right-symmetric', 'right-asymmetric']

/** What was typed so far; undefined until the machine has told. */
function useCommands(): readonly PlacedCommand[] | undefined {
  return useAnswer(() => enginePort()?.recordedCommands(), [])
}

function Choice({
  label,
  value,
  values,
  unit = '',
  onChange,
}: {
  label: string
  value: string
  values: readonly string[]
  unit?: string
  onChange: (value: string) => void
}): ReactElement {
  const id = useId()
  return (
    <span className="compare-field">
      <label htmlFor={id} className="form-label">
        {label}
      </label>
      <select id={id} className="text-field" value={value} onChange={(event) => onChange(event.target.value)}>
        {(values.includes(value) ? values : [value, ...values]).map((one) => (
          <option key={one} value={one}>
            {one}
            {unit}
          </option>
        ))}
      </select>
    </span>
  )
}

function OptionForm({
  command,
  options,
  onChange,
}: {
  command: PlacedCommand
  options: ArrayOptions
  onChange: (options: ArrayOptions) => void
}): ReactElement {
  const set = (change: Partial<ArrayOptions>): void => onChange({ ...options, ...change })
  return (
    <>
      <p className="dialog-note">On the left, as it was typed:</p>
      <code className="compare-typed">{command.text}</code>
      <p className="dialog-note">On the right:</p>
      <div className="compare-fields">
        <Segments
          legend="bitmap"
          options={BITMAPS}
          value={options.bitmap === 'none' ? 'none' : 'internal'}
          onChange={(bitmap) => set({ bitmap })}
        />
        <Choice label="chunk" value={options.chunk} values={CHUNKS} unit=" KiB" onChange={(chunk) => set({ chunk })} />
        <Choice label="layout" value={options.layout} values={LAYOUTS} onChange={(layout) => set({ layout })} />
      </div>
    </>
  )
}

function CommandForm({
  commands,
  picked,
  text,
  onChange,
}: {
  commands: readonly PlacedCommand[]
  picked: number
  text: string
  onChange: (picked: number, text: string) => void
}): ReactElement {
  const id = useId()
  return (
    <>
      <label htmlFor={id} className="form-label">
        On the left, as it was typed
      </label>
      <select
        id={id}
        className="text-field mono compare-wide"
        value={picked}
        onChange={(event) => onChange(Number(event.target.value), commands[Number(event.target.value)].text)}
      >
        {commands.map((command, i) => (
          <option key={i} value={i}>
            {command.text.split('\n', 1)[0]}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-other`} className="form-label">
        On the right
      </label>
      <textarea
        id={`${id}-other`}
        className="text-field mono compare-wide"
        rows={Math.min(8, Math.max(3, text.split('\n').length + 1))}
        value={text}
        spellCheck={false}
        onChange={(event) => onChange(picked, event.target.value)}
      />
    </>
  )
}

/** What is to be another on a machine beside this one: the console line for it. */
export function CompareDialog(): ReactElement {
  const commands = useCommands()
  const made = commands && createCommand(commands)
  const [picked, setPicked] = useState<Way>()
  const [options, setOptions] = useState<ArrayOptions>()
  const [chosen, setChosen] = useState<{ readonly at: number; readonly text: string }>()
  const { closeDialog } = pageStore.getState()

  const way: Way = picked ?? (commands && !made ? 'command' : 'option')
  const before = made && arrayOptions(made.text)
  // Of all that can be another, the bitmap is what shows most.
  const usual = before && { ...before, bitmap: before.bitmap === 'none' ? 'internal' : 'none' }
  const at = chosen?.at ?? Math.max(0, (commands?.length ?? 0) - 1)
  const text = chosen?.text ?? commands?.[at]?.text ?? ''
  const line =
    way === 'option'
      ? before && optionsLine(before, options ?? usual ?? before)
      : commands && at < commands.length && commandLine(commands[at], text)
  const isTyped = line !== undefined && line !== false && line !== ''
  const refusal = isTyped ? undefined : 'As it stands, nothing would differ.'
  return (
    <Dialog label="Side by side" className="dialog-compare">
      <DialogTitle>Side by side</DialogTitle>
      <form
        className="dialog-part compare-form"
        aria-label="The other machine"
        id="compare-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isTyped) return
          void typeLine(line)
          closeDialog()
        }}
      >
        <p className="dialog-note">
          A second machine carries out the same lines at the same instants, but one of them is another. From then on
          whatever you do happens to both, at the same moment.
        </p>
        <Segments legend="What is different" options={WAYS} value={way} onChange={setPicked} />
        {way === 'option' && made && (
          <OptionForm command={made} options={options ?? usual ?? arrayOptions('')} onChange={setOptions} />
        )}
        {way === 'option' && commands && !made && (
          <p className="dialog-note">
            No single line of this recording made an array: it was made in an earlier visit, or there are several. Take
            any line, or start afresh.
          </p>
        )}
        {way === 'command' && commands && (
          <CommandForm
            commands={commands}
            picked={at}
            text={text}
            onChange={(to, typed) => setChosen({ at: to, text: typed })}
          />
        )}
      </form>
      <footer className="dialog-foot">
        {isTyped ? (
          <code className="dialog-line" aria-label="The line that is typed" role="status">
            {line}
          </code>
        ) : (
          <span className="dialog-note compare-same" role="status">
            {refusal}
          </span>
        )}
        <ActionButton onClick={closeDialog}>Not now</ActionButton>
        <ActionButton type="submit" form="compare-form" className="button-solid" refusal={refusal}>
          Compare
        </ActionButton>
      </footer>
    </Dialog>
  )
}
