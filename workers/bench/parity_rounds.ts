/** P, Q and lost blocks of a RAID-6 row in a worker of a real browser, in an arena as the engine has it, and bare copies of the row. */
import {
  EXPONENT_P,
  EXPONENT_Q,
  makePAndQ,
  recoverLost,
  wrongPAndQ,
  type Raid6Row,
} from '../../engine/md/raid6_math.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'
import type { ParityOrder, ParityWork } from './parity_rates.ts'

const arena = createArena(16 << 20)

/** The works on a row; addresses are those of the data in it. */
function workOn(what: ParityWork, row: Raid6Row, bytes: number): () => void {
  const { addresses } = row
  const data = addresses.slice(0, -2)
  const [p, q] = addresses.slice(-2)
  const [parity, syndrome] = [addresses.length - 2, addresses.length - 1]
  const spare = addresses.length * bytes + bytes
  switch (what) {
    case 'copy':
      return () => {
        for (const from of data) arena.bytes.set(arena.bytes.subarray(from, from + bytes), from + spare)
      }
    case 'p':
      return () => arena.parity(p, data, bytes)
    case 'pAndQ':
      return () => makePAndQ(arena, row, bytes)
    case 'check':
      return () => {
        if (wrongPAndQ(arena, row, bytes) !== 0) throw new Error(`P at ${p} or Q at ${q} is wrong`)
      }
    case 'data':
      return () => recoverLost(arena, row, [1], bytes)
    case 'dataAndP':
      return () => recoverLost(arena, row, [1, parity], bytes)
    case 'dataAndQ':
      return () => recoverLost(arena, row, [1, syndrome], bytes)
    case 'twoData':
      return () => recoverLost(arena, row, [0, 1], bytes)
  }
}

/** @returns seconds that it took */
function work({ what, blocks, bytes, times }: ParityOrder): number {
  const exponents = [...Array(blocks).keys(), EXPONENT_P, EXPONENT_Q]
  const row = { addresses: exponents.map((_, slot) => (slot + 1) * bytes), exponents }
  const words = new Uint32Array(arena.bytes.buffer, bytes, (blocks * bytes) / 4)
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2654435761)
  makePAndQ(arena, row, bytes)
  const once = workOn(what, row, bytes)
  once()
  const begin = performance.now()
  for (let i = 0; i < times; i++) once()
  return (performance.now() - begin) / 1000
}

onmessage = ({ data }: MessageEvent<ParityOrder>) => postMessage(work(data))
