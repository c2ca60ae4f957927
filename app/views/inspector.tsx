import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { picture } from '../model/engine.ts'
import { inspectDisk, inspectMapped, inspectWorkload } from '../model/inspect_devices.ts'
import { inspectArray, inspectRow, type Cause, type Field, type Inspection } from '../model/inspection.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import { useShownArray } from '../model/shown.ts'
import { HexBytes } from './hex_bytes.tsx'
import { InspectorActions } from './inspector_actions.tsx'
import { Panel } from './panel.tsx'
import { useSampled } from './use_sampled.ts'

function inspect(selection: Selection | undefined, shown: string | undefined): Inspection | undefined {
  const now = picture()
  switch (selection?.kind) {
    case 'chunk':
      return inspectRow(now, selection.array, selection.stripe, selection.slot)
    case 'stripe':
      return inspectRow(now, selection.array, selection.stripe, -1)
    case 'disk':
      return inspectDisk(now, selection.disk)
    case 'array':
      return inspectArray(now, selection.array)
    case 'mapped':
      return inspectMapped(now, selection.mapped)
    case 'workload':
      return inspectWorkload(now, selection.workload)
    case undefined:
      return shown === undefined ? undefined : inspectArray(now, shown)
  }
}

function Fields({ fields }: { fields: readonly Field[] }): ReactElement {
  return (
    <dl className="fields">
      {fields.map(({ label, value, tone = 'plain' }) => (
        <div key={label} className="field">
          <dt>{label}</dt>
          <dd className={`tone-${tone}`}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Causes({ causes }: { causes: readonly Cause[] }): ReactElement {
  return (
    <ol className="causes">
      {causes.map(({ key, text, detail, tone, isUnderWay }) => (
        <li key={key} className={`cause tone-${tone} ${isUnderWay ? 'cause-now' : ''}`}>
          <span className="cause-text">{text}</span> <span className="cause-detail">{detail}</span>
        </li>
      ))}
    </ol>
  )
}

/** Fields, plan, causes and bytes of what was picked. */
export function Inspector(): ReactElement {
  const selection = useStore(pageStore, (state) => state.selection)
  const shown = useShownArray()?.name
  const found = useSampled(() => inspect(selection, shown), [selection, shown])
  const acting: Selection | undefined = selection ?? (shown === undefined ? undefined : { kind: 'array', array: shown })
  return (
    <Panel title="Inspector">
      <div className="panel-body scroll inspector">
        {!found && <p className="dim">Pick a chunk, a stripe, a disk or an array: what is known of it stands here.</p>}
        {found && (
          <>
            <h3 className="inspector-title">
              {found.title} <span className={`inspector-verdict tone-${found.verdictTone}`}>{found.verdict}</span>
            </h3>
            <Fields fields={found.fields} />
            {acting && <InspectorActions selection={acting} />}
            {found.why !== '' && (
              <>
                <h3 className="panel-title">Plan</h3>
                <p className="inspector-why">{found.why}</p>
              </>
            )}
            {found.causes.length > 0 && (
              <>
                <h3 className="panel-title">
                  {found.causes.some(({ isUnderWay }) => isUnderWay) ? 'Why this I/O' : 'Why the last I/O'}
                </h3>
                <Causes causes={found.causes} />
              </>
            )}
            {selection?.kind === 'chunk' && <HexBytes selection={selection} />}
          </>
        )}
      </div>
    </Panel>
  )
}
