import { Fragment, lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ProcedureFrame } from '../../engine/api/frame.ts'
import { inspectDisk, inspectMapped, inspectWorkload } from '../model/inspect_devices.ts'
import { inspectBit, inspectCommand, inspectEvent, inspectFault, inspectMember } from '../model/inspect_marks.ts'
import {
  inspectArray,
  inspectRow,
  type Cause,
  type Field,
  type Inspection,
  type Link,
  type Pending,
} from '../model/inspection.ts'
import { plural } from '../draw/format.ts'
import { useMachine } from '../model/machine_view.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import type { Picture } from '../model/picture.ts'
import { useShownArray } from '../model/shown.ts'
import { treeDevices } from '../model/tree_device.ts'
import { InspectorActions } from './inspector_actions.tsx'
import { Panel } from './panel.tsx'
import { useSampled } from './use_sampled.ts'

// Not needed before something has been picked, or is there at all.
const Placement = lazy(async () => ({ default: (await import('./placement.tsx')).Placement }))
const BufferCaches = lazy(async () => ({ default: (await import('./buffer_cache.tsx')).BufferCaches }))
const HashTree = lazy(async () => ({ default: (await import('./hash_tree.tsx')).HashTree }))
const HexBytes = lazy(async () => ({ default: (await import('./hex_bytes.tsx')).HexBytes }))

function inspect(now: Picture, selection: Selection | undefined, shown: string | undefined): Inspection | undefined {
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
    case 'member':
      return inspectMember(now, selection.array, selection.slot)
    case 'bit':
      return inspectBit(now, selection.array, selection.chunk)
    case 'fault':
      return inspectFault(now, selection.fault)
    case 'event':
      return inspectEvent(now, selection.event)
    case 'command':
      return inspectCommand(now, now.lastEntry)
    case undefined:
      return shown === undefined ? undefined : inspectArray(now, shown)
  }
}

function Fields({ fields }: { fields: readonly Field[] }): ReactElement {
  return (
    <dl className="fields">
      {fields.map(({ label, value, tone = 'plain', links, ring }) => (
        <div key={label} className="field">
          <dt>{label}</dt>
          <dd className={`tone-${tone}`}>
            {links ? <Links links={links} /> : value}
            {ring && <Ring from={ring.from} to={ring.to} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** A ring, unrolled: what is used of it may go over its end. */
function Ring({ from, to }: { from: number; to: number }): ReactElement {
  const pieces =
    from <= to
      ? [[from, to]]
      : [
          [from, 1],
          [0, to],
        ]
  return (
    <span className="field-ring" aria-hidden="true">
      {pieces.map(([left, right]) => (
        <span key={left} style={{ left: `${left * 100}%`, width: `max(2px, ${(right - left) * 100}%)` }} />
      ))}
    </span>
  )
}

/** Parts of a value, each to be picked. */
function Links({ links }: { links: readonly Link[] }): ReactElement {
  return (
    <>
      {links.map(({ text, select, hover, tone = 'plain' }, i) => (
        <Fragment key={text}>
          {i > 0 && ' · '}
          {select ? (
            <button
              type="button"
              className={`link tone-${tone}`}
              data-hover={hover}
              onClick={() => pageStore.getState().select(select)}
            >
              {text}
            </button>
          ) : (
            <span className={`link-plain tone-${tone}`} data-hover={hover}>
              {text}
            </span>
          )}
        </Fragment>
      ))}
    </>
  )
}

/** What is to happen yet. */
function PendingList({ pending }: { pending: readonly Pending[] }): ReactElement {
  return (
    <ul className="pending">
      {pending.map(({ key, text, detail, tone, hover }) => (
        <li key={key} className={`pending-item tone-${tone}`} data-hover={hover}>
          {text} <span className="cause-detail">{detail}</span>
        </li>
      ))}
    </ul>
  )
}

/** A procedure with its steps; the next one is marked. */
function Procedure({ procedure }: { procedure: ProcedureFrame }): ReactElement {
  const { name, step, steps, pending } = procedure
  const waits = pending === 0 ? 'at work' : `waits for ${plural(pending, 'answer')}, then:`
  return (
    <div className="procedure">
      <p>
        <b>{name}</b> <span className="cause-detail-inline">{waits}</span>
      </p>
      <ol className="steps">
        {steps.map((each) => (
          <li
            key={each}
            className={each === step ? 'step step-next' : 'step'}
            aria-current={each === step ? 'step' : undefined}
          >
            {each}
          </li>
        ))}
      </ol>
    </div>
  )
}

function Causes({ causes }: { causes: readonly Cause[] }): ReactElement {
  return (
    <ol className="causes">
      {causes.map(({ key, text, detail, tone, isUnderWay, hover }) => (
        <li
          key={key}
          className={`cause tone-${tone}${isUnderWay ? ' cause-now' : ''}${/\b(cause|line)$/.test(key) ? ' cause-line' : ''}`}
          data-hover={hover}
        >
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
  const { picture, side, store } = useMachine()
  const found = useSampled(() => inspect(picture(), selection, shown), [selection, shown])
  const mapped = selection?.kind === 'mapped' ? selection.mapped : undefined
  // Without an array the stage has it.
  const isOnStage = useStore(store, ({ scene }) => scene.arrays.length === 0)
  const trees = useSampled(() => treeDevices(picture().frame), [])
  const tree = isOnStage ? undefined : trees.find((name) => name === mapped)
  const acting: Selection | undefined = selection ?? (shown === undefined ? undefined : { kind: 'array', array: shown })
  return (
    <Panel title="Inspector" extra={side !== 'only' && <span className="badge">{side}</span>}>
      <div className="panel-body scroll inspector">
        {!found && <p className="dim">Pick a chunk, a stripe, a disk or an array: what is known of it stands here.</p>}
        {found && (
          <>
            <h3 className="inspector-title">
              {found.title} <span className={`inspector-verdict tone-${found.verdictTone}`}>{found.verdict}</span>
            </h3>
            <Fields fields={found.fields} />
            {acting && <InspectorActions selection={acting} />}
            {tree !== undefined && (
              <Suspense>
                <h3 className="panel-title">Hash tree</h3>
                <button type="button" className="button" onClick={() => pageStore.getState().openDialog('tree')}>
                  Enlarge
                </button>
                <HashTree key={tree} mapped={tree} />
              </Suspense>
            )}
            {found.surprises && found.surprises.length > 0 && (
              <>
                <h3 className="panel-title">Worth knowing</h3>
                <ul className="surprises">
                  {found.surprises.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </>
            )}
            {found.why !== '' && (
              <>
                <h3 className="panel-title">Plan</h3>
                <p className="inspector-why">{found.why}</p>
              </>
            )}
            {found.procedures.length > 0 && (
              <>
                <h3 className="panel-title">Under way</h3>
                {found.procedures.map((procedure) => (
                  <Procedure key={procedure.name} procedure={procedure} />
                ))}
              </>
            )}
            {found.pending.length > 0 && (
              <>
                <h3 className="panel-title">Pending</h3>
                <PendingList pending={found.pending} />
              </>
            )}
            {found.origin.length > 0 && (
              <>
                <h3 className="panel-title">Set by</h3>
                <Causes causes={found.origin} />
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
            {acting && (
              <Suspense>
                <Placement selection={acting} />
              </Suspense>
            )}
            {selection?.kind === 'mapped' && (
              <Suspense>
                <BufferCaches key={selection.mapped} mapped={selection.mapped} />
              </Suspense>
            )}
            {selection && (
              <Suspense>
                <HexBytes key={JSON.stringify(selection)} selection={selection} />
              </Suspense>
            )}
          </>
        )}
      </div>
    </Panel>
  )
}
