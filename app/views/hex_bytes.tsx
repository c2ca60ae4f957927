import { useEffect, useState, type ReactElement } from 'react'
import { enginePort, picture } from '../model/engine.ts'
import type { Peeked } from '../model/engine_port.ts'
import type { Selection } from '../model/page_store.ts'

const BYTES_A_LINE = 8
const LINES = 6
const PERIOD = 400

interface Shown {
  readonly disk: string
  readonly bytes: Peeked
}

/** Where to look: the first page of the chunk that is only in the cache, else that of the last I/O, else its beginning. */
function sectorOf(array: string, stripe: number, slot: number): { disk: string; sector: number } | undefined {
  const { frame, arrays, bios } = picture()
  const found = frame?.arrays.find(({ name }) => name === array)
  const member = found?.members.find((candidate) => candidate.slot === slot)
  const field = arrays.get(array)?.field
  if (!found || !field || !member || member.name === '') return undefined
  const chunk = stripe * field.slots + slot
  const first = member.dataOffset + stripe * found.chunkSectors
  const mask = field.volatileMask[chunk]
  if (mask !== 0) {
    const part = 31 - Math.clz32(mask & -mask)
    return { disk: member.name, sector: first + Math.floor((part * found.chunkSectors) / field.maskBits) }
  }
  const last = bios.find(field.lastBio[chunk])?.sector ?? first
  return { disk: member.name, sector: last >= first && last < first + found.chunkSectors ? last : first }
}

/** The bytes of a chunk on its disk: on the medium and, where it differs, in the cache. */
export function HexBytes({ selection }: { selection: Extract<Selection, { kind: 'chunk' }> }): ReactElement | null {
  const { array, stripe, slot } = selection
  const [shown, setShown] = useState<Shown>()
  useEffect(() => {
    let isOver = false
    const read = async (): Promise<void> => {
      const place = sectorOf(array, stripe, slot)
      const bytes = place && (await enginePort()?.peek(place.disk, place.sector, 1))
      if (!isOver) setShown(place && bytes ? { disk: place.disk, bytes } : undefined)
    }
    void read()
    const timer = setInterval(() => void read(), PERIOD)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [array, stripe, slot])
  if (!shown) return null
  const { disk, bytes } = shown
  const { media, newest } = bytes
  const isSame = media.every((byte, i) => byte === newest[i])
  // From a little before the first byte that differs.
  const first = isSame ? 0 : media.findIndex((byte, i) => byte !== newest[i])
  const start = Math.max(0, Math.min(first - (first % BYTES_A_LINE), media.length - LINES * BYTES_A_LINE))
  const lines = Array.from({ length: LINES }, (_, i) => start + i * BYTES_A_LINE).filter((at) => at < media.length)
  return (
    <section aria-label="Bytes">
      <h3 className="panel-title">
        Bytes{' '}
        <span className="inspector-where">
          {disk}, sector {bytes.sector}
          {isSame ? ', on the medium' : ': medium, cache'}
        </span>
      </h3>
      <div className="hex mono">
        {lines.map((at) => (
          <div key={at} className="hex-line">
            <span className="hex-at">{at.toString(16).padStart(4, '0')}</span>
            <Row bytes={media} other={newest} at={at} className="hex-media" />
            {!isSame && <Row bytes={newest} other={media} at={at} className="hex-newest" />}
          </div>
        ))}
      </div>
    </section>
  )
}

function Row(props: { bytes: Uint8Array; other: Uint8Array; at: number; className: string }): ReactElement {
  const { bytes, other, at, className } = props
  return (
    <span className={className}>
      {[...bytes.subarray(at, at + BYTES_A_LINE)].map((byte, i) => (
        <span key={i} className={byte === other[at + i] ? undefined : 'hex-differs'}>
          {byte.toString(16).padStart(2, '0')}
        </span>
      ))}
    </span>
  )
}
