import { useId, useState, type KeyboardEvent, type ReactElement } from 'react'
import { Console, Inspector, Stack, Timeline } from './late.tsx'
import { Stage } from './stage.tsx'

const TABS: readonly (readonly [string, () => ReactElement])[] = [
  ['Stage', Stage],
  ['Stack', Stack],
  ['Console', Console],
  ['Inspector', Inspector],
  ['Timeline', Timeline],
]

/** The regions one at a time, where there is no room for all. */
export function Tabs(): ReactElement {
  const [chosen, choose] = useState(0)
  const id = useId()
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const next = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: TABS.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const index = (next + TABS.length) % TABS.length
    choose(index)
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[index].focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label="Regions" onKeyDown={onKeyDown}>
        {TABS.map(([name], index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-tab-${index}`}
            className="tab"
            aria-selected={index === chosen}
            aria-controls={`${id}-panel-${index}`}
            tabIndex={index === chosen ? 0 : -1}
            onClick={() => choose(index)}
          >
            {name}
          </button>
        ))}
      </div>
      {TABS.map(([name, View], index) => (
        <div
          key={name}
          role="tabpanel"
          id={`${id}-panel-${index}`}
          aria-labelledby={`${id}-tab-${index}`}
          className="tab-panel"
          hidden={index !== chosen}
        >
          {index === chosen && <View />}
        </div>
      ))}
    </>
  )
}
