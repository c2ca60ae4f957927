import { useEffect, useId, useMemo, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { fieldsOfSector, structureAt, type ByteField } from '../../engine/api/bytes.ts'
import {
  ByteHistory,
  differences,
  differenceWords,
  hex,
  matesOf,
  placeOf,
  sectorOf,
  sectorWords,
} from '../model/byte_watch.ts'
import { count } from '../draw/format.ts'
import { bytesStore } from '../model/bytes_store.ts'
import { LEFT_VIEW, RIGHT_VIEW, useMachine } from '../model/machine_view.ts'
import type { Picture } from '../model/picture.ts'
import type { Peeked } from '../model/engine_port.ts'
import { hoverKey } from '../model/hover_id.ts'
import { hoverStore } from '../model/hover_store.ts'
import type { Selection } from '../model/page_store.ts'
import { ActionButton } from './action_button.tsx'
import { FieldList } from './field_list.tsx'
import { HexGrid } from './hex_grid.tsx'
import { Icon } from './icon.tsx'
import { useExtent } from './use_extent.ts'

/** How often the bytes are read anew, at most, in milliseconds. */
const PERIOD = 150
/** From this width on there is room for sixteen bytes in a line. */
const WIDE = 500
const NO_FIELDS: readonly ByteField[] = []

const STRUCTURE_NAMES = { superblock: 'Superblock', bitmap: 'Bitmap', 'bad blocks': 'Bad blocks' } as const

interface Shown {
  readonly disk: string
  readonly now: Peeked
  /** What it is compared with. */
  readonly other: Uint8Array | undefined
  readonly otherName: string
}

/** What the bytes are compared with: `medium`, `before`, `nothing`, `machine` (the other one), or the name of a disk. */
type Beside = string

interface Watch {
  readonly selection: Selection
  /** The sector a person has gone to; undefined for where the thing itself is. */
  readonly sector: number | undefined
  readonly beside: Beside
}

/** Reads the bytes again and again, while something moves. */
function useShown({ selection, sector, beside }: Watch): Shown | undefined {
  const [history] = useState(() => new ByteHistory())
  const [shown, setShown] = useState<Shown>()
  const picked = JSON.stringify(selection)
  const machine = useMachine()
  useEffect(() => {
    const { store, picture, peek, peekBefore, side } = machine
    let isOver = false
    let timer: number | undefined

    const read = async (): Promise<void> => {
      timer = undefined
      const place = placeOf(picture(), JSON.parse(picked) as Selection)
      let now = place && (await peek(place.disk, sector ?? place.sector, 1))
      const wanted = place && now && sector === undefined ? sectorOf(place, now.structures) : sector
      if (place && now && wanted !== undefined && wanted !== now.sector) now = await peek(place.disk, wanted, 1)
      if (isOver) return
      if (!place || !now || now.newest.length === 0) {
        setShown(undefined)
        return
      }
      const { disk } = place
      history.note(disk, now.sector, now.steps, now.newest)
      const next = { disk, now, ...(await compared(disk, now)) }
      if (!isOver) setShown((before) => (before && isSameView(before, next) ? before : next))
    }
    const compared = async (disk: string, now: Peeked): Promise<Pick<Shown, 'other' | 'otherName'>> => {
      if (beside === 'medium') return { other: now.media, otherName: 'after a cut' }
      if (beside === 'before') {
        // Exact while time stands still; while it goes on, what was seen before is as near as anybody could follow.
        const found = store.getState().isPlaying ? null : await peekBefore(disk, now.sector, 1)
        if (found && found.step < now.steps) return { other: found.newest, otherName: `at step ${found.step}` }
        const before = store.getState().isPlaying || side === 'right' ? history.before(disk, now.sector) : undefined
        return { other: before?.bytes, otherName: before ? `at step ${before.steps}` : 'no step before this' }
      }
      if (beside === 'machine') {
        const other = side === 'right' ? LEFT_VIEW : RIGHT_VIEW
        const found = side === 'only' ? undefined : await other.peek(disk, now.sector, 1)
        return { other: found?.newest, otherName: `on the ${other.side}` }
      }
      const mate = matesOf(picture(), disk, now.sector).find((one) => one.disk === beside)
      const found = mate && (await peek(mate.disk, mate.sector, 1))
      return { other: found?.newest, otherName: mate ? `${mate.disk}, sector ${mate.sector}` : '' }
    }

    void read()
    const end = store.subscribe(() => {
      timer ??= window.setTimeout(() => void read(), PERIOD)
    })
    return () => {
      isOver = true
      end()
      clearTimeout(timer)
    }
  }, [picked, sector, beside, history, machine])
  return shown
}

function isSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]))
}

function isSameView(a: Shown, b: Shown): boolean {
  return (
    a.disk === b.disk &&
    a.now.sector === b.now.sector &&
    a.otherName === b.otherName &&
    a.now.isCached[0] === b.now.isCached[0] &&
    isSameBytes(a.now.newest, b.now.newest) &&
    isSameBytes(a.other, b.other) &&
    JSON.stringify(a.now.structures) === JSON.stringify(b.now.structures)
  )
}

/** The field that is looked at, here or elsewhere: its name, its value, what it says. */
function Readout({
  disk,
  sector,
  fields,
}: {
  disk: string
  sector: number
  fields: readonly ByteField[]
}): ReactElement | null {
  const name = useStore(hoverStore, ({ id }) =>
    id?.kind === 'field' && id.disk === disk && id.sector === sector ? id.name : '',
  )
  const field = fields.find((one) => one.name === name)
  if (fields.length === 0) return null
  if (!field) return <p className="hex-readout dim">Point at a byte: the field it belongs to.</p>
  const { offset, size, value, doc } = field
  return (
    <p className="hex-readout" role="status">
      <b className="mono">{field.name}</b>{' '}
      <span className="dim number">
        {hex(offset, 3)}+{size}
      </span>{' '}
      {value} <span className="dim">{doc}</span>
    </p>
  )
}

/** The bytes of what was picked: a sector of a disk, its fields, and what it would hold otherwise. */
export function HexBytes({ selection }: { selection: Selection }): ReactElement | null {
  const [sector, setSector] = useState<number>()
  const [beside, setBeside] = useState<Beside>('medium')
  const [box, extent] = useExtent()
  const id = useId()
  const { picture, side } = useMachine()
  const shown = useShown({ selection, sector, beside })
  const place = shown && structureAt(shown.now.structures, shown.now.sector)
  const bytes = shown?.now.newest
  const disk = shown?.disk ?? ''
  const at = shown?.now.sector ?? -1
  const fields = useMemo(() => (place && bytes ? fieldsOfSector(place, at, bytes) : NO_FIELDS), [place, bytes, at])
  useEffect(() => bytesStore.setState({ disk, sector: at, fields }), [disk, at, fields])
  useEffect(() => () => bytesStore.setState({ disk: '', sector: -1, fields: [] }), [])
  if (!shown) return null
  const { now, other, otherName } = shown
  const offsets = differences(now.newest, other)
  const mates = matesOf(picture(), disk, at)
  const dataFrom = dataStart(picture(), disk)
  const go = (to: number): void => setSector(Math.max(0, Math.min(now.diskSectors - 1, to)))
  const isInCache = now.isCached[0] === 1
  return (
    <section className="bytes" aria-label="Bytes" ref={box}>
      <h3 className="panel-title">
        Bytes{' '}
        <span className="inspector-where" data-hover={hoverKey({ kind: 'sector', disk, sector: at })}>
          {disk}, sector {at}
        </span>
      </h3>
      <p className="bytes-what">
        {sectorWords(picture(), disk, at, place)}
        {isInCache && <span className="tone-amber"> · newer in the cache</span>}
      </p>
      <div className="bytes-bar">
        <ActionButton
          className="button-icon button-small"
          aria-label="Previous sector"
          refusal={at === 0 ? 'This is the first sector.' : undefined}
          onClick={() => go(at - 1)}
        >
          <Icon name="left" />
        </ActionButton>
        <SectorField key={at} sector={at} last={now.diskSectors - 1} go={go} />
        <ActionButton
          className="button-icon button-small"
          aria-label="Next sector"
          refusal={at >= now.diskSectors - 1 ? 'This is the last sector.' : undefined}
          onClick={() => go(at + 1)}
        >
          <Icon name="right" />
        </ActionButton>
        <span className="dim number">of {count(now.diskSectors)}</span>
      </div>
      <div className="bytes-bar">
        {now.structures.map(({ kind, sector: to }) => (
          <ActionButton
            key={kind}
            className="button-small"
            aria-pressed={place?.kind === kind}
            hint={`sector ${to}`}
            onClick={() => go(to)}
          >
            {STRUCTURE_NAMES[kind]}
          </ActionButton>
        ))}
        {dataFrom >= 0 && (
          <ActionButton className="button-small" hint={`sector ${dataFrom}`} onClick={() => go(dataFrom)}>
            Data
          </ActionButton>
        )}
      </div>
      <div className="bytes-beside">
        <label htmlFor={id}>Compare with</label>
        <select id={id} value={beside} onChange={({ target }) => setBeside(target.value)}>
          <option value="medium">after a cut now</option>
          <option value="before">the previous step</option>
          {mates.map((mate) => (
            <option key={mate.disk} value={mate.disk}>
              {mate.disk}, same sector
            </option>
          ))}
          {side !== 'only' && <option value="machine">the other machine</option>}
          <option value="nothing">nothing</option>
        </select>
      </div>
      {beside !== 'nothing' && (
        <p className="bytes-differ number" role="status">
          {other ? (
            <>
              <span className={offsets.length > 0 ? 'bytes-count' : 'dim'}>{differenceWords(offsets)}</span>
              {offsets.length > 0 && <span className="dim"> (now, and below it {otherName})</span>}
            </>
          ) : (
            <span className="dim">
              {beside === 'before' ? 'Nothing is kept of a step before this one.' : 'There is nothing to compare with.'}
            </span>
          )}
        </p>
      )}
      <HexGrid
        disk={disk}
        sector={at}
        bytes={now.newest}
        other={other}
        otherName={otherName}
        fields={fields}
        columns={extent.width >= WIDE ? 16 : 8}
        target={sector === undefined ? targetByte(picture(), selection) : -1}
        turn={(by) => go(at + by)}
      />
      <Readout disk={disk} sector={at} fields={fields} />
      {fields.length > 0 && (
        <>
          <h4 className="bytes-fields">Decoded</h4>
          <FieldList disk={disk} sector={at} fields={fields} differing={new Set(offsets)} />
        </>
      )}
    </section>
  )
}

/** The byte of what was picked, in its sector; -1 where it is no byte. */
function targetByte(now: Picture, selection: Selection): number {
  const place = selection.kind === 'bit' ? placeOf(now, selection) : undefined
  return place?.chunk === undefined ? -1 : (256 + Math.floor(place.chunk / 8)) % 512
}

/** First sector of a member's data; -1 for a disk of no array. */
function dataStart(now: Picture, disk: string): number {
  for (const { members } of now.frame?.arrays ?? []) {
    const member = members.find(({ name }) => name === disk)
    if (member) return member.dataOffset
  }
  return -1
}

/** Where a person types the sector to go to. */
function SectorField({ sector, last, go }: { sector: number; last: number; go: (to: number) => void }): ReactElement {
  const [draft, setDraft] = useState(String(sector))
  const leave = (): void => {
    const to = Number(draft)
    if (draft.trim() === '' || !Number.isInteger(to)) setDraft(String(sector))
    else if (to !== sector) go(to)
  }
  return (
    <input
      className="bytes-sector number"
      type="text"
      inputMode="numeric"
      aria-label={`Sector, 0 to ${last}`}
      value={draft}
      onChange={({ target }) => setDraft(target.value)}
      onBlur={leave}
      onKeyDown={({ key }) => {
        if (key === 'Enter') leave()
      }}
    />
  )
}
