import { expect, test } from 'vitest'
import type { ByteField } from '../../engine/api/bytes.ts'
import { TRACE } from '../../engine/api/vocabulary.ts'
import { dramaticFrame, frame, traceRows } from '../fixtures/frames.ts'
import { hoverKey, parseHoverKey, type HoverId } from './hover_id.ts'
import { relatedKeys, type HoverWorld } from './hover_relations.ts'
import { hoverStore } from './hover_store.ts'
import { Picture } from './picture.ts'

const DD = 'dd if=/dev/src of=/dev/md0 bs=4k count=1 seek=343'
const PAGE = 7 * 128 + 24

function world(over: Partial<HoverWorld> = {}): HoverWorld {
  const picture = new Picture()
  for (let number = 1; number < 4; number++) picture.apply(dramaticFrame(number), number * 16)
  const lines = [
    { key: 5, kind: 'command', family: 'linux', text: DD },
    { key: 6, kind: 'output', text: 'copied' },
    { key: 7, kind: 'command', family: 'lab', text: 'disk pull sdb' },
    { key: 8, kind: 'command', family: 'linux', text: 'dd if=/dev/zero of=/dev/md0 bs=64k seek=8 count=1' },
    { key: 9, kind: 'command', family: 'lab', text: 'fault add rot sdd 2180+8' },
  ] as const
  return { picture, lines, bytes: { disk: '', sector: -1, fields: [] }, ...over }
}

const bits: ByteField = {
  name: 'bits 0',
  offset: 256,
  size: 1,
  kind: 'u8',
  meaning: 'bits',
  value: '',
  doc: '',
  index: 0,
}

const related = (id: HoverId, over: Partial<HoverWorld> = {}): string[] => [...relatedKeys(id, world(over))]

test('keys are read back as they were written', () => {
  const ids: HoverId[] = [
    { kind: 'chunk', array: 'md0', stripe: 7, slot: 1 },
    { kind: 'field', disk: 'sda', sector: 16, name: 'bits 40' },
    { kind: 'disk', disk: 'mapper/slow' },
    { kind: 'line', line: 12 },
  ]
  for (const id of ids) expect(parseHoverKey(hoverKey(id))).toEqual(id)
  for (const key of ['', 'chunk md0', 'nothing at all', 'bit md0 x']) expect(parseHoverKey(key)).toBeUndefined()
})

test('a data chunk goes with its parity, its row, its bit, its stripe-cache entry, its disk and the line behind it', () => {
  expect(related({ kind: 'chunk', array: 'md0', stripe: 7, slot: 1 })).toEqual(
    expect.arrayContaining([
      'chunk md0 7 1',
      'chunk md0 7 0',
      'stripe md0 7',
      'bit md0 7',
      `entry md0 ${PAGE}`,
      'disk sdb',
    ]),
  )
  const parity = related({ kind: 'chunk', array: 'md0', stripe: 7, slot: 0 })
  expect(parity).toEqual(expect.arrayContaining(['chunk md0 7 2', 'chunk md0 7 3', 'line 5', 'bio 1843', 'bio 1841']))
  expect(parity).not.toContain('chunk md0 8 0')
})

test('relations hold both ways', () => {
  const bytes = { disk: 'sdb', sector: 16, fields: [bits] }
  const pairs: [HoverId, HoverId][] = [
    [
      { kind: 'chunk', array: 'md0', stripe: 7, slot: 1 },
      { kind: 'bit', array: 'md0', chunk: 7 },
    ],
    [
      { kind: 'chunk', array: 'md0', stripe: 7, slot: 0 },
      { kind: 'entry', array: 'md0', sector: PAGE },
    ],
    [
      { kind: 'chunk', array: 'md0', stripe: 7, slot: 0 },
      { kind: 'line', line: 5 },
    ],
    [
      { kind: 'bit', array: 'md0', chunk: 7 },
      { kind: 'field', disk: 'sdb', sector: 16, name: 'bits 0' },
    ],
    [
      { kind: 'bit', array: 'md0', chunk: 7 },
      { kind: 'stripe', array: 'md0', stripe: 7 },
    ],
    [
      { kind: 'chunk', array: 'md0', stripe: 2, slot: 0 },
      { kind: 'line', line: 8 },
    ],
    [
      { kind: 'chunk', array: 'md0', stripe: 1, slot: 3 },
      { kind: 'line', line: 9 },
    ],
    [
      { kind: 'disk', disk: 'sdb' },
      { kind: 'member', array: 'md0', slot: 1 },
    ],
    [
      { kind: 'disk', disk: 'sdb' },
      { kind: 'line', line: 7 },
    ],
    [
      { kind: 'bio', bio: 1843 },
      { kind: 'chunk', array: 'md0', stripe: 7, slot: 0 },
    ],
  ]
  for (const [a, b] of pairs) {
    expect(related(a, { bytes }), `${hoverKey(a)} marks ${hoverKey(b)}`).toContain(hoverKey(b))
    expect(related(b, { bytes }), `${hoverKey(b)} marks ${hoverKey(a)}`).toContain(hoverKey(a))
  }
})

test('a logical block is where the layout puts it', () => {
  expect(related({ kind: 'block', array: 'md0', sector: 2744 })).toEqual(
    expect.arrayContaining(['chunk md0 7 1', 'chunk md0 7 0', 'bit md0 7']),
  )
})

test('the sector that the byte view shows goes with its chunk, and before the data with its member', () => {
  const data = { disk: 'sdb', sector: 2048 + PAGE, fields: [] }
  expect(related({ kind: 'chunk', array: 'md0', stripe: 7, slot: 1 }, { bytes: data })).toContain(
    `sector sdb ${2048 + PAGE}`,
  )
  expect(related({ kind: 'sector', disk: 'sdb', sector: 2048 + PAGE })).toContain('chunk md0 7 1')
  expect(related({ kind: 'sector', disk: 'sdb', sector: 8 })).toContain('member md0 1')
})

test('an event goes with what it is about', () => {
  const picture = new Picture()
  picture.apply(
    frame({ traceRows: traceRows([5, TRACE.disk_state, 1, 0, 1], [6, TRACE.mismatch, 0, 3 * 128 + 8, 8]) }),
    0,
  )
  const over = { picture, lines: [] }
  const [pulled, mismatch] = picture.timeline.events
  expect(related({ kind: 'event', event: pulled.key }, over)).toContain('disk sdb')
  expect(related({ kind: 'disk', disk: 'sdb' }, over)).toContain(`event ${pulled.key}`)
  expect(related({ kind: 'event', event: mismatch.key }, over)).toContain('stripe md0 3')
  expect(related({ kind: 'stripe', array: 'md0', stripe: 3 }, over)).toContain(`event ${mismatch.key}`)
})

test('what is not there has nothing to do with anything', () => {
  expect(related({ kind: 'chunk', array: 'md9', stripe: 0, slot: 0 })).toEqual(['chunk md9 0 0'])
  expect(related({ kind: 'stripe', array: 'md0', stripe: 99 })).toEqual(['stripe md0 99'])
  expect(related({ kind: 'event', event: 77 })).toEqual(['event 77'])
})

test('what was looked at last counts; when it is left, the other does', () => {
  const { hover } = hoverStore.getState()
  const disk: HoverId = { kind: 'disk', disk: 'sda' }
  const line: HoverId = { kind: 'line', line: 1 }
  hover('focus', line)
  hover('pointer', disk)
  expect(hoverStore.getState().id).toEqual(disk)
  const before = hoverStore.getState()
  hover('pointer', { ...disk })
  expect(hoverStore.getState()).toBe(before)
  const other: HoverId = { kind: 'line', line: 2 }
  hover('focus', other)
  expect(hoverStore.getState().id).toEqual(other)
  hover('focus', line)
  hover('pointer', undefined)
  expect(hoverStore.getState().id).toEqual(line)
  hover('focus', undefined)
  expect(hoverStore.getState().id).toBeUndefined()
})
