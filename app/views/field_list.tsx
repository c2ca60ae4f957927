import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { ByteField } from '../../engine/api/bytes.ts'
import { hoverKey, type HoverId } from '../model/hover_id.ts'
import { hoverStore } from '../model/hover_store.ts'

const LINE = 22

interface Props {
  readonly disk: string
  readonly sector: number
  readonly fields: readonly ByteField[]
  /** Bytes that differ from what the sector is compared with. */
  readonly differing: ReadonlySet<number>
}

function hasChanged({ offset, size }: ByteField, differing: ReadonlySet<number>): boolean {
  for (let at = offset; at < offset + size; at++) if (differing.has(at)) return true
  return false
}

/** The fields of a sector with their values; the one that is looked at is the one whose bytes are marked. */
export function FieldList({ disk, sector, fields, differing }: Props): ReactElement {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [cursor, setCursor] = useState(0)
  const [isFocused, setFocused] = useState(false)
  const rows = useVirtualizer({
    count: fields.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 6,
  })
  const hoverAt = (at: number): HoverId => ({ kind: 'field', disk, sector, name: fields[at].name })

  // What is looked at among the bytes is brought into view here.
  useEffect(
    () =>
      hoverStore.subscribe(({ id: hovered }) => {
        if (hovered?.kind !== 'field' || hovered.disk !== disk || hovered.sector !== sector) return
        if (box.current?.matches(':hover, :focus')) return
        const at = fields.findIndex(({ name }) => name === hovered.name)
        if (at >= 0) rows.scrollToIndex(at)
      }),
    [disk, sector, fields, rows],
  )

  const moveTo = (at: number): void => {
    const to = Math.max(0, Math.min(fields.length - 1, at))
    setCursor(to)
    rows.scrollToIndex(to)
    hoverStore.getState().hover('focus', hoverAt(to))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? LINE) / LINE) - 1)
    const to = {
      ArrowUp: cursor - 1,
      ArrowDown: cursor + 1,
      PageUp: cursor - page,
      PageDown: cursor + page,
      Home: 0,
      End: fields.length - 1,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    moveTo(to)
  }
  return (
    <div
      ref={box}
      className="field-list scroll"
      role="listbox"
      tabIndex={0}
      aria-label={`Fields of sector ${sector}`}
      aria-activedescendant={isFocused && cursor < fields.length ? `${id}-${cursor}` : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => {
        setFocused(true)
        moveTo(cursor)
      }}
      onBlur={() => setFocused(false)}
    >
      <div className="field-lines" role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const field = fields[index]
          const isChanged = hasChanged(field, differing)
          return (
            <div
              key={index}
              id={`${id}-${index}`}
              role="option"
              aria-selected={isFocused && index === cursor}
              aria-setsize={fields.length}
              aria-posinset={index + 1}
              aria-description={`${isChanged ? 'differs; ' : ''}${field.doc}`}
              className={`field-line${isChanged ? ' field-changed' : ''}`}
              title={field.doc}
              data-meaning={field.meaning}
              data-hover={hoverKey(hoverAt(index))}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className="field-name mono">{field.name}</span>{' '}
              <span className="field-value">{field.value || '–'}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
