import './table_dialog.css'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ExplainedRow, RaidExplanation } from '../../engine/api/raid_explanation.ts'
import { lookAt } from '../model/look.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { raidDeviceOf } from '../model/raid_device.ts'
import { Dialog, DialogTitle } from './dialog.tsx'
import { useAnswer } from './use_answer.ts'

/** What the table of a mapped device means, as the machine has it at this moment; asked for anew whenever it has moved. */
function useExplanation(mapped: string | undefined): RaidExplanation | null | undefined {
  const steps = useStore(machineStore, (state) => state.steps)
  return useAnswer(async () => (mapped === undefined ? null : lookAt('raid', mapped)), [mapped ?? '', steps])
}

function Legs({ explanation }: { explanation: RaidExplanation }): ReactElement {
  const { legs, recoveryCp, recoveryCpWhy, recoveryCpSince } = explanation
  return (
    <table className="table-legs">
      <caption className="unseen">What the table and the superblocks say of the set and of each leg</caption>
      <thead>
        <tr>
          <th scope="col">leg</th>
          <th scope="col">metadata, data</th>
          <th scope="col">In_sync</th>
          <th scope="col">recovery_offset</th>
          <th scope="col">why</th>
        </tr>
      </thead>
      <tbody>
        <tr className="table-set">
          <th scope="row">set</th>
          <td colSpan={3}>
            recovery_cp <b className="number">{recoveryCp}</b>
          </td>
          <td>
            {recoveryCpWhy}
            {recoveryCpSince !== '' && <Since text={`now ${recoveryCpSince}`} />}
          </td>
        </tr>
        {legs.map(({ leg, meta, data, inSync, recoveryOffset, why, since }) => (
          <tr key={leg}>
            <th scope="row">{leg}</th>
            <td className="mono">
              {meta} {data}
            </td>
            <td className={inSync ? '' : 'tone-amber'}>{inSync ? 'yes' : 'no'}</td>
            <td className="number">{recoveryOffset}</td>
            <td>
              {why}
              {since !== '' && <Since text={`now ${since}`} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Since({ text }: { text: string }): ReactElement {
  return <span className="table-since">{text}</span>
}

function Rows({ caption, rows }: { caption: string; rows: readonly ExplainedRow[] }): ReactElement {
  return (
    <table className="table-rows">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">words</th>
          <th scope="col">recovery_cp</th>
          <th scope="col">In_sync</th>
          <th scope="col">recovery_offset</th>
          <th scope="col">legs</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.words} className={row.legs.length > 0 ? 'table-lit' : ''} title={row.why}>
            <th scope="row">{row.words || 'none'}</th>
            {row.isInvalid ? (
              <td colSpan={3} className="tone-danger">
                INVALID
              </td>
            ) : (
              <>
                <td className="number">{row.recoveryCp}</td>
                <td>{row.inSync ? 'yes' : 'no'}</td>
                <td className="number">{row.recoveryOffset}</td>
              </>
            )}
            <td>{row.legs.join(' ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const RULES = { 'linux-6.1': 'Linux 6.1', seed: 'as first described, 2011' } as const

function Explanation({ explanation }: { explanation: RaidExplanation }): ReactElement {
  const { table, translation, rows, others, surprises } = explanation
  const other = translation === 'seed' ? 'linux-6.1' : 'seed'
  const both = (all: readonly ExplainedRow[], rule: keyof typeof RULES): ReactElement => (
    <div className="table-pair">
      {[false, true].map((metadata) => (
        <Rows
          key={String(metadata)}
          caption={`${RULES[rule]}, ${metadata ? 'with' : 'without'} metadata`}
          rows={all.filter((row) => row.metadata === metadata)}
        />
      ))}
    </div>
  )
  return (
    <div className="table-explained scroll">
      <pre className="table-line">{table}</pre>
      <Legs explanation={explanation} />
      {surprises.length > 0 && (
        <>
          <h3 className="panel-title">Worth knowing</h3>
          <ul className="surprises">
            {surprises.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <h3 className="panel-title">What the words mean</h3>
      <p className="dialog-note">
        The rows that hold for this table are lit; superblocks, where they are read, come on top of them. The rule in
        force is dm-raid.translation {translation}.
      </p>
      {both(rows, translation)}
      <details>
        <summary>By the other rule, dm-raid.translation {other}</summary>
        {both(others, other)}
      </details>
    </div>
  )
}

/** What a raid table means, leg by leg. */
export function TableDialog(): ReactElement {
  const selection = useStore(pageStore, (state) => state.selection)
  const shown = useStore(pageStore, (state) => state.shown)
  const scene = useStore(machineStore, (state) => state.scene)
  const mapped = raidDeviceOf(scene, selection, shown)
  const explanation = useExplanation(mapped)
  return (
    <Dialog label="The table, explained" className="table-dialog">
      <DialogTitle>{mapped === undefined ? 'The table, explained' : `/dev/mapper/${mapped}`}</DialogTitle>
      {explanation === null && <p className="dialog-note">No raid table is in force here.</p>}
      {explanation && <Explanation explanation={explanation} />}
    </Dialog>
  )
}
