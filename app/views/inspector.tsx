import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { typeLine, picture } from '../model/engine.ts'
import { inspectArray, inspectDisk, inspectRow, type Cause, type Field, type Inspection } from '../model/inspection.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import { useShownArray } from '../model/shown.ts'
import { ActionButton } from './action_button.tsx'
import { HexBytes } from './hex_bytes.tsx'
import { Panel } from './panel.tsx'
import { useSampled } from './use_sampled.ts'
import { diskActions } from './disk_menu.tsx'

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

/** What can be done to the selected disk, as buttons. */
function DiskActions({ name }: { name: string }): ReactElement | null {
  const scene = useStore(machineStore, (state) => state.scene)
  const disk = scene.disks.find((candidate) => candidate.name === name)
  if (!disk) return null
  const lifts = scene.faults
    .filter((fault) => fault.disk === name)
    .map(({ id }) => ({ label: `Lift fault ${id}`, line: `fault lift ${id}`, refusal: undefined }))
  const actions = [...diskActions(disk, scene.arrays, scene.isPowerOn), ...lifts]
  return (
    <div className="inspector-actions">
      {actions
        .filter(({ refusal }) => refusal === undefined)
        .map(({ label, line }) => (
          <ActionButton key={line} className="button-small" hint={line} onClick={() => void typeLine(line)}>
            {label}
          </ActionButton>
        ))}
    </div>
  )
}

/** What can be done to the whole array. */
function ArrayActions({ name }: { name: string }): ReactElement | null {
  const array = useStore(machineStore, ({ scene }) => scene.arrays.find((candidate) => candidate.name === name))
  if (!array) return null
  const file = `/sys/block/${name}/md/sync_action`
  const busy = array.sync ? `A ${array.sync.action} is under way.` : undefined
  const actions = [
    { label: 'Check', line: `echo check > ${file}`, refusal: busy },
    { label: 'Repair', line: `echo repair > ${file}`, refusal: busy },
    { label: 'Detail', line: `mdadm --detail /dev/${name}`, refusal: undefined },
    {
      label: 'Write 4 KiB',
      line: `dd if=/dev/urandom of=/dev/${name} bs=4k count=1 seek=343 oflag=direct`,
      refusal: undefined,
    },
  ]
  return (
    <div className="inspector-actions">
      {actions.map(({ label, line, refusal }) => (
        <ActionButton
          key={label}
          className="button-small"
          hint={line}
          refusal={refusal}
          onClick={() => void typeLine(line)}
        >
          {label}
        </ActionButton>
      ))}
    </div>
  )
}

/** Fields, plan, causes and bytes of what was picked. */
export function Inspector(): ReactElement {
  const selection = useStore(pageStore, (state) => state.selection)
  const shown = useShownArray()?.name
  const found = useSampled(() => inspect(selection, shown), [selection, shown])
  const array = selection === undefined ? shown : selection.kind === 'array' ? selection.array : undefined
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
            {array !== undefined && <ArrayActions name={array} />}
            {selection?.kind === 'disk' && <DiskActions name={selection.disk} />}
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
