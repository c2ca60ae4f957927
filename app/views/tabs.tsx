import { useId, useState, type KeyboardEvent, type ReactElement } from 'react'
import { Console, Stack, Timeline } from './late.tsx'
import { ComparisonArea, InspectorArea, StageArea, useIsCompared } from './stage_area.tsx'

const ALONE: readonly (readonly [string, () => ReactElement])[] = [
  ['Stage', StageArea],
  ['Stack', Stack],
  ['Console', Console],
  ['Inspector', InspectorArea],
  ['Timeline', Timeline],
]
const COMPARED = [...ALONE, ['Comparison', ComparisonArea] as const]

/** The regions one at a time, where there is no room for all. */
export function Tabs(): ReactElement {
  const tabs = useIsCompared() ? COMPARED : ALONE
  const [picked, choose] = useState(0)
  const chosen = Math.min(picked, tabs.length - 1)
  const id = useId()
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const next = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const index = (next + tabs.length) % tabs.length
    choose(index)
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[index].focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label="Regions" onKeyDown={onKeyDown}>
        {tabs.map(([name], index) => (
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
      {tabs.map(([name, View], index) => (
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
