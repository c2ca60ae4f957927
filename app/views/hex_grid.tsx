import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { ByteField } from '../../engine/api/bytes.ts'
import { hex, printable } from '../model/byte_watch.ts'
import { hoverKey } from '../model/hover_id.ts'
import { hoverOf } from '../model/hover_relations.ts'
import { hoverStore } from '../model/hover_store.ts'

const LINE = 19

export interface HexGridProps {
  readonly disk: string
  readonly sector: number
  /** What a read returns. */
  readonly bytes: Uint8Array
  /** What it is compared with, and how that is called. */
  readonly other: Uint8Array | undefined
  readonly otherName: string
  readonly fields: readonly ByteField[]
  readonly columns: number
  /** The byte to begin with, or -1. */
  readonly target: number
  turn(by: 1 | -1): void
}

/** The field of each byte. */
function byByte(fields: readonly ByteField[], length: number): readonly (ByteField | undefined)[] {
  const found = new Array<ByteField | undefined>(length).fill(undefined)
  for (const field of fields) found.fill(field, field.offset, field.offset + field.size)
  return found
}

/** A sector, byte by byte: below each line that differs, what it is compared with. */
export function HexGrid(props: HexGridProps): ReactElement {
  const { disk, sector, bytes, other, otherName, fields, columns, target, turn } = props
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [cursor, setCursor] = useState(Math.max(0, target))
  const [isFocused, setFocused] = useState(false)
  const fieldOf = useMemo(() => byByte(fields, bytes.length), [fields, bytes.length])
  const lines = Math.ceil(bytes.length / columns)
  const differing = useMemo(
    () =>
      Array.from({ length: lines }, (_, line) => {
        const end = Math.min(bytes.length, (line + 1) * columns)
        for (let at = line * columns; at < end; at++) if (other && other[at] !== bytes[at]) return true
        return false
      }),
    [bytes, other, columns, lines],
  )
  const shape = differing.map(Number).join('')
  const rows = useVirtualizer({
    count: lines,
    getScrollElement: () => box.current,
    estimateSize: (line) => (differing[line] ? 2 * LINE : LINE),
    overscan: 6,
  })
  useEffect(() => rows.measure(), [rows, shape])

  // To what is wanted, else to the first byte that differs.
  const first = target < 0 ? Math.max(0, differing.indexOf(true)) : Math.floor(target / columns)
  useEffect(() => rows.scrollToIndex(first, { align: first === 0 ? 'start' : 'center' }), [rows, disk, sector, first])

  const keyAt = (at: number): string => {
    const field = fieldOf[at]
    return hoverKey(field ? { kind: 'field', disk, sector, name: field.name } : { kind: 'sector', disk, sector })
  }
  const moveTo = (at: number): void => {
    const to = Math.max(0, Math.min(bytes.length - 1, at))
    setCursor(to)
    rows.scrollToIndex(Math.floor(to / columns))
    const field = fieldOf[to]
    hoverStore
      .getState()
      .hover('focus', field ? { kind: 'field', disk, sector, name: field.name } : { kind: 'sector', disk, sector })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const to = {
      ArrowLeft: cursor - 1,
      ArrowRight: cursor + 1,
      ArrowUp: cursor - columns,
      ArrowDown: cursor + columns,
      Home: cursor - (cursor % columns),
      End: cursor - (cursor % columns) + columns - 1,
    }[event.key]
    const page = { PageUp: -1, PageDown: 1 }[event.key] as 1 | -1 | undefined
    if (to === undefined && page === undefined) return
    event.preventDefault()
    event.stopPropagation()
    if (page !== undefined) turn(page)
    else if (to! >= 0 && to! < bytes.length) moveTo(to!)
  }
  const active = isFocused ? cursor : -1

  return (
    <div
      ref={box}
      className="hex scroll mono"
      role="grid"
      tabIndex={0}
      aria-label={`Bytes of ${disk}, sector ${sector}`}
      aria-rowcount={lines}
      aria-colcount={columns}
      aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
      aria-description="Arrow keys go from byte to byte, Page Up and Page Down from sector to sector"
      onKeyDown={onKeyDown}
      onFocus={() => {
        setFocused(true)
        moveTo(cursor)
      }}
      onBlur={() => setFocused(false)}
      onClick={({ target }) => {
        const at = (target as HTMLElement).closest<HTMLElement>('[data-at]')?.dataset.at
        if (at !== undefined && hoverOf(target as Element)) moveTo(Number(at))
      }}
    >
      <div role="rowgroup" className="hex-lines" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const from = index * columns
          const line = [...bytes.subarray(from, from + columns)]
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 1}
              className="hex-line"
              style={{ transform: `translateY(${start}px)` }}
            >
              <span role="rowheader" className="hex-at">
                {hex(from, 4)}
              </span>
              {line.map((byte, i) => {
                const at = from + i
                const field = fieldOf[at]
                const isOther = other !== undefined && other[at] !== byte
                const isFirst = field?.offset === at || i === 0
                const isLast = !field || field.offset + field.size === at + 1 || i === columns - 1
                return (
                  <span
                    key={i}
                    id={`${id}-${at}`}
                    role="gridcell"
                    aria-selected={at === active || at === target}
                    aria-label={`${hex(byte, 2)}${field ? `, ${field.name}` : ''}${isOther ? `, ${otherName} ${hex(other[at], 2)}` : ''}`}
                    className={`hex-byte${isOther ? ' hex-differs' : ''}${at === active ? ' hex-cursor' : at === target ? ' hex-target' : ''}${isFirst ? ' hex-first' : ''}${isLast ? ' hex-last' : ''}`}
                    data-at={at}
                    data-meaning={field?.meaning}
                    data-hover={keyAt(at)}
                  >
                    {hex(byte, 2)}
                  </span>
                )
              })}
              <span className="hex-text" aria-hidden="true">
                {line.map(printable).join('')}
              </span>
              {differing[index] && other && (
                <span className="hex-other" aria-hidden="true">
                  {line.map((byte, i) => (
                    <span key={i} className={other[from + i] === byte ? 'hex-byte hex-same' : 'hex-byte hex-was'}>
                      {hex(other[from + i] ?? 0, 2)}
                    </span>
                  ))}
                </span>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
