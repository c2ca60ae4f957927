import { useId, type ReactElement } from 'react'

interface Props<Value extends string> {
  readonly legend: string
  readonly options: readonly (readonly [value: Value, label: string])[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}

/** One of a few, side by side. */
export function Segments<Value extends string>({ legend, options, value, onChange }: Props<Value>): ReactElement {
  const name = useId()
  return (
    <fieldset className="segments-set">
      <legend>{legend}</legend>
      <div className="segments">
        {options.map(([option, label]) => (
          <label key={option} className="segment">
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
