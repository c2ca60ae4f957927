import { expect, test } from 'vitest'
import { chunkMapOf } from '../../engine/api/array_map.ts'
import { WRITE } from '../../engine/api/vocabulary.ts'
import { diskFrame, frame } from '../fixtures/frames.ts'
import { cutLine, keepWords, keptSectors, pagesAtStake, sectorWords, throwDice, whenTrouble } from './cut_pages.ts'
import { byTrouble, heldState, summaryOf, verdictOf } from './cut_verdict.ts'
import type { CutStripe } from '../../engine/api/cut_preview.ts'

const map = chunkMapOf({ level: 5, layout: 2, chunkSectors: 128, slotSectors: [2048, 2048, 2048, 2048] })!
const FRAME = frame({
  disks: [
    diskFrame(0, {
      cacheSectors: new Float64Array([2048 + 3 * 128 + 24, 8, 16]),
      cacheMasks: new Uint8Array([255, 3, 1]),
      cacheSince: new Float64Array([100, 200, 300]),
    }),
    diskFrame(1, { inflight: new Float64Array([9, 1, WRITE, 2048 + 20, 8, 1, 10, 1, 0, 4000, 8, 1]) }),
    diskFrame(2, {
      cacheSectors: new Float64Array([2048]),
      cacheMasks: new Uint8Array([1]),
      cacheSince: new Float64Array([50]),
      inflight: new Float64Array([11, 1, WRITE, 2049, 2, 1]),
    }),
    diskFrame(3, { isAbsent: true, cacheSectors: new Float64Array([8]), cacheMasks: new Uint8Array([1]) }),
  ],
})
const PAGES = pagesAtStake(FRAME, () => map)

test('cached pages and writes in flight, by disk and sector, with what they are', () => {
  expect(PAGES.map(({ key, mask, what }) => [key, mask, what])).toEqual([
    ['sda:8', 3, 'superblock of md0'],
    ['sda:16', 1, 'bitmap of md0'],
    ['sda:2456', 255, 'P of stripe 3, page 3'],
    ['sdb:2064', 240, 'D1 of stripe 0, page 2'],
    ['sdb:2072', 15, 'D1 of stripe 0, page 3'],
    ['sdc:2048', 7, 'D2 of stripe 0, page 0'],
  ])
  expect(PAGES.map(({ isCached, isInFlight }) => [isCached, isInFlight])).toEqual([
    ...[
      [true, false],
      [true, false],
      [true, false],
    ],
    ...[
      [false, true],
      [false, true],
    ],
    [true, true],
  ])
})

test('the line names a rule where one says it, else the sectors, joined', () => {
  expect(keepWords(PAGES, new Map())).toBe('none')
  expect(keepWords(PAGES, new Map(PAGES.map(({ key }) => [key, 255])))).toBe('all')
  const kept = new Map([
    ['sdb:2064', 255],
    ['sdb:2072', 255],
    ['sda:2456', 0b1001],
  ])
  expect(keepWords(PAGES, kept)).toBe('sda:2456+1,sda:2459+1,sdb:2068+8')
  expect(keptSectors(PAGES, kept)).toHaveLength(3)
  expect(cutLine('none', { kind: 'now' })).toBe('power cut --keep none')
  expect(cutLine('random', { kind: 'writes', amount: '3' })).toBe('power cut --after-writes 3 --keep random')
  expect(cutLine('all', { kind: 'time', amount: '2ms' })).toBe('power cut --after 2ms --keep all')
})

test('moments are checked before they are typed', () => {
  for (const amount of ['0', '-1', '1.5', '', '1; rm']) expect(whenTrouble({ kind: 'writes', amount })).toBeDefined()
  for (const amount of ['0ms', '2', 'ms', '3 ms', '1s; x']) expect(whenTrouble({ kind: 'time', amount })).toBeDefined()
  for (const amount of ['250us', '3ms', '1.5s']) expect(whenTrouble({ kind: 'time', amount })).toBeUndefined()
})

test('sectors in words', () => {
  expect(sectorWords(2048, 255)).toBe('2048+8')
  expect(sectorWords(2048, 0b10000110)).toBe('2049+2, 2055')
})

test('the dice keep only what is at stake', () => {
  let state = 1
  const chance = (): number => (state = (state * 16807) % 2147483647) / 2147483647
  const throws = Array.from({ length: 200 }, () => throwDice(PAGES, chance).get('sdb:2064') ?? 0)
  expect(throws.every((mask) => (mask & ~240) === 0)).toBe(true)
  expect(throws.filter((mask) => mask === 240).length).toBeGreaterThan(60)
  expect(throws.some((mask) => mask !== 0 && mask !== 240)).toBe(true)
})

const stripe = (over: Partial<CutStripe>): CutStripe => ({
  array: 'md0',
  stripe: 0,
  sector: 0,
  members: [],
  wrong: 0,
  bitsSet: 4,
  holders: 4,
  ...over,
})

test('what a member holds, and what follows', () => {
  const member = { slot: 0, disk: 'sda' }
  expect(heldState({ ...member, atStake: 0, kept: 0, behind: 0 })).toBe('same')
  expect(heldState({ ...member, atStake: 255, kept: 255, behind: 0 })).toBe('new')
  expect(heldState({ ...member, atStake: 255, kept: 0, behind: 255 })).toBe('old')
  expect(heldState({ ...member, atStake: 255, kept: 15, behind: 240 })).toBe('torn')
  expect(heldState({ ...member, atStake: 255, kept: 0, behind: 0 })).toBe('new')
  expect(verdictOf(stripe({})).tone).toBe('good')
  expect(verdictOf(stripe({ wrong: 255 })).tone).toBe('amber')
  expect(verdictOf(stripe({ wrong: 255, bitsSet: 0 })).tone).toBe('danger')
  expect(verdictOf(stripe({ wrong: -1 })).tone).toBe('danger')
  const all = [stripe({}), stripe({ wrong: 1, sector: 8 }), stripe({ wrong: 1, bitsSet: 0, sector: 16 })]
  expect(byTrouble(all).map(({ sector }) => sector)).toEqual([16, 8, 0])
  expect(summaryOf(all)).toBe('Of 3 stripe pages at stake: 1 in danger, 1 with wrong parity that a resync will mend.')
  expect(summaryOf([stripe({})])).toBe('Parity would fit everywhere.')
})
