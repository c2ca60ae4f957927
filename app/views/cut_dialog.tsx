import { useEffect, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { count } from '../draw/format.ts'
import { pause } from '../model/actions.ts'
import {
  cutLine,
  keepWords,
  keptSectors,
  pagesAtStake,
  throwDice,
  whenTrouble,
  type Kept,
  type StakePage,
  type When,
} from '../model/cut_pages.ts'
import { enginePort, picture, typeLine } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { CutPagesList } from './cut_pages_list.tsx'
import { CutPreviewTable, useCutPreview } from './cut_preview.tsx'
import { Dialog, DialogTitle } from './dialog.tsx'
import { Icon } from './icon.tsx'
import { Segments } from './segments.tsx'
import { useSampled } from './use_sampled.ts'

type Mode = 'none' | 'all' | 'random' | 'ticked'

const MODES: readonly (readonly [Mode, string])[] = [
  ['none', 'nothing'],
  ['all', 'everything'],
  ['random', 'by chance'],
  ['ticked', 'what is ticked'],
]

const WHENS = [
  ['now', 'now'],
  ['writes', 'after disk writes'],
  ['time', 'after a time'],
] as const

interface Instant {
  readonly pages: readonly StakePage[]
  readonly time: number
  readonly delivered: number
}

function takeInstant(): Instant {
  const { frame, arrays } = picture()
  if (!frame) return { pages: [], time: 0, delivered: 0 }
  const pages = pagesAtStake(frame, (name) => arrays.get(name)?.field.map)
  return { pages, time: frame.time, delivered: frame.delivered }
}

/** Stands still while it is open, and goes on afterwards if it did before. */
function useStandstill(): void {
  useEffect(() => {
    const wasPlaying = machineStore.getState().isPlaying
    pause()
    return () => {
      if (wasPlaying) void enginePort()?.play()
    }
  }, [])
}

/** Which of the unflushed writes survive, and when: the console line for it, and what it would leave. */
export function CutDialog(): ReactElement {
  useStandstill()
  const { pages, time, delivered } = useSampled(takeInstant, [])
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const [mode, setMode] = useState<Mode>('none')
  const [ticked, setTicked] = useState<Kept>(new Map())
  const [kind, setKind] = useState<When['kind']>('now')
  const [amounts, setAmounts] = useState({ writes: '1', time: '2ms' })
  const { closeDialog } = pageStore.getState()

  const kept: Kept =
    mode === 'ticked' ? ticked : mode === 'all' ? new Map(pages.map((p) => [p.key, p.mask])) : new Map()
  const isNow = kind === 'now'
  const when: When = isNow ? { kind } : { kind, amount: amounts[kind] }
  const keep = mode === 'ticked' ? keepWords(pages, ticked) : mode
  const line = cutLine(keep, when)
  const preview = useCutPreview(
    mode === 'random' ? undefined : mode === 'ticked' ? keptSectors(pages, ticked) : mode,
    delivered,
  )
  const off = isPowerOn ? undefined : 'The power is off already.'
  const refusal = off ?? whenTrouble(when)

  const dice = (): void => {
    setMode('ticked')
    setTicked(throwDice(pages, Math.random))
  }
  const cut = (): void => {
    void typeLine(line)
    closeDialog()
  }

  const isAnyAtStake = pages.length > 0
  return (
    <Dialog label="Cut power" className="dialog-wide">
      <DialogTitle>Cut power</DialogTitle>
      <div className="cut-top">
        <Segments legend="Of what is not flushed, survives" options={MODES} value={mode} onChange={setMode} />
        <Segments legend="The power goes" options={WHENS} value={kind} onChange={setKind} />
        {kind !== 'now' && (
          <label className="form-row">
            <span className="form-label">{kind === 'writes' ? 'writes' : 'time'}</span>
            <input
              className="text-field mono"
              value={amounts[kind]}
              inputMode={kind === 'writes' ? 'numeric' : 'text'}
              aria-invalid={whenTrouble(when) !== undefined}
              onChange={(event) => setAmounts({ ...amounts, [kind]: event.target.value.trim() })}
            />
          </label>
        )}
      </div>
      <div className="cut-columns">
        <div className="cut-column scroll" tabIndex={0} role="region" aria-label="Unflushed writes">
          <h3>{isAnyAtStake ? 'Not on their media yet' : 'Nothing is at stake'}</h3>
          {!isAnyAtStake && (
            <p className="dialog-note">
              Every acknowledged write is on its medium, and none is in flight: a cut now loses nothing. Step a few I/Os
              on, or arm the cut.
            </p>
          )}
          <CutPagesList
            pages={pages}
            kept={kept}
            now={time}
            onKept={(map) => {
              setTicked(map)
              setMode('ticked')
            }}
          />
        </div>
        <div className="cut-column scroll" tabIndex={0} role="region" aria-label="What each disk would hold">
          <h3>What each disk would hold{isNow ? '' : ', were it now'}</h3>
          {mode === 'random' ? (
            <div className="cut-summary">
              <p>
                Each page survives or is lost by the throw of a coin, one in eight tears between sectors. The coin is
                the machine’s, from its seed, and falls at the cut.
              </p>
              <p style={{ marginTop: 10 }}>
                <ActionButton
                  className="button-small"
                  refusal={isAnyAtStake ? undefined : 'Nothing is at stake.'}
                  onClick={dice}
                >
                  Throw now, and show what it would leave
                </ActionButton>
              </p>
            </div>
          ) : (
            preview && (
              <>
                <p className="dialog-note number">
                  {count(preview.kept)} of {count(preview.atStake)} sectors at stake survive.
                </p>
                <CutPreviewTable preview={preview} />
              </>
            )
          )}
        </div>
      </div>
      <footer className="dialog-foot">
        <code className="dialog-line" aria-label="The line that is typed" role="status">
          {line}
        </code>
        {refusal !== undefined && <span className="dialog-note dialog-trouble">{refusal}</span>}
        <ActionButton onClick={closeDialog}>Not now</ActionButton>
        <ActionButton className="button-danger" refusal={refusal} onClick={cut}>
          <Icon name="power" size={15} /> {isNow ? 'Cut power' : 'Arm the cut'}
        </ActionButton>
      </footer>
    </Dialog>
  )
}
