import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import {
  encodeJournalMeta,
  journalSeed,
  MD_JOURNAL_BLOCK,
  MD_JOURNAL_BYTES,
  payloadBytes,
  readJournalHeader,
  readJournalPayloads,
  type JournalPayload,
} from './md_journal.ts'

const SEED = journalSeed(new Uint8Array(16))
const DATA: JournalPayload = { kind: 'data', location: 24, checksums: [7] }
const P: JournalPayload = { kind: 'parity', location: 64, checksums: [8] }
const PQ: JournalPayload = { kind: 'parity', location: 64, checksums: [8, 9] }
const FLUSH: JournalPayload = { kind: 'flush', stripes: [64, 72] }

test('a block is read as it was written', () => {
  for (const [payloads, parityPages] of [
    [[], 1],
    [[DATA, P, FLUSH], 1],
    [[DATA, DATA, PQ], 2],
  ] as const) {
    const block = encodeJournalMeta(SEED, { seq: 5, position: 16, payloads })
    const header = readJournalHeader(SEED, block)
    expect(header).toMatchObject({ seq: 5, position: 16 })
    expect(header?.meta_size).toBe(32 + payloads.reduce((sum, payload) => sum + payloadBytes(payload), 0))
    expect(header === null ? null : readJournalPayloads(header, block, parityPages)).toEqual(payloads)
  }
})

test('a block as the kernel wrote it: one data page and one of parity', () => {
  const block = encodeJournalMeta(SEED, { seq: 0x1234, position: 8, payloads: [DATA, P] })
  const view = new DataView(block.buffer)
  expect(view.getUint32(0, true)).toBe(0x6433c509)
  expect(view.getUint32(12, true)).toBe(72)
  expect([view.getUint16(32, true), view.getUint32(36, true), view.getBigUint64(40, true)]).toEqual([0, 8, 24n])
  expect([view.getUint16(52, true), view.getUint32(56, true), view.getBigUint64(60, true)]).toEqual([1, 8, 64n])
})

test('another array, another byte: no block', () => {
  const block = encodeJournalMeta(SEED, { seq: 5, position: 16, payloads: [DATA] })
  expect(readJournalHeader(journalSeed(new Uint8Array(16).fill(1)), block)).toBeNull()
  for (const at of [0, 4, 8, 12, 16, 24, 40, 4095]) {
    const spoilt = Uint8Array.from(block)
    spoilt[at] ^= 0x10
    expect(readJournalHeader(SEED, spoilt), `byte ${at}`).toBeNull()
  }
})

test('whatever stands in a block, reading it ends, and says nothing beyond it', () => {
  const chance = new Chance(20261120, 'blocks')
  for (let round = 0; round < 3000; round++) {
    const block = encodeJournalMeta(SEED, { seq: 1, position: 0, payloads: [DATA, PQ, FLUSH] })
    const view = new DataView(block.buffer)
    for (let i = 0; i < 4; i++) view.setUint8(32 + chance.below(80), chance.uint32())
    const size = chance.below(2) === 0 ? chance.below(MD_JOURNAL_BYTES + 64) : chance.uint32()
    view.setUint32(MD_JOURNAL_BLOCK.offsets.meta_size, size, true)
    const payloads = readJournalPayloads(MD_JOURNAL_BLOCK.read(block), block, 1 + chance.below(2))
    const bytes = payloads?.reduce((sum, payload) => sum + payloadBytes(payload), 32) ?? 32
    expect(bytes).toBeLessThanOrEqual(Math.max(32, Math.min(size, MD_JOURNAL_BYTES)))
  }
})
