import { useEffect, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { enginePort, picture } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import type { Selection } from '../model/page_store.ts'

const SECTORS = 1
const BYTES_SHOWN = 64
const PERIOD = 400

interface Bytes {
  readonly disk: string
  readonly sector: number
  readonly bytes: Uint8Array
}

/** The first bytes of a chunk on its disk, as a read would find them now. */
export function HexBytes({ selection }: { selection: Extract<Selection, { kind: 'chunk' }> }): ReactElement | null {
  const { array, stripe, slot } = selection
  const isPowerOn = useStore(machineStore, (state) => state.isPowerOn)
  const [shown, setShown] = useState<Bytes>()
  useEffect(() => {
    let isOver = false
    const read = async (): Promise<void> => {
      const frame = picture().frame?.arrays.find(({ name }) => name === array)
      const member = frame?.members.find((candidate) => candidate.slot === slot)
      if (!frame || !member || member.name === '') return
      const sector = member.dataOffset + stripe * frame.chunkSectors
      const bytes = await enginePort()?.peek(member.name, sector, SECTORS)
      if (!isOver && bytes) setShown({ disk: member.name, sector, bytes })
    }
    void read()
    const timer = setInterval(() => void read(), PERIOD)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [array, stripe, slot])
  if (!shown || !isPowerOn) return null
  const lines = Array.from({ length: BYTES_SHOWN / 8 }, (_, i) => i * 8)
  return (
    <>
      <h3 className="panel-title">
        Bytes{' '}
        <span className="inspector-where">
          {shown.disk}, sector {shown.sector}, as read now
        </span>
      </h3>
      <pre className="hex">
        {lines.map((at) => (
          <span key={at}>
            <span className="dim">{at.toString(16).padStart(4, '0')}</span>
            {'  '}
            {[...shown.bytes.subarray(at, at + 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}
            {'\n'}
          </span>
        ))}
      </pre>
    </>
  )
}
