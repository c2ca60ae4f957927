import { expect, test } from 'vitest'
import { COUNTER_NEEDED } from '../../engine/api/frame.ts'
import { FLUSH, READ, TRACE, WRITE } from '../../engine/api/vocabulary.ts'
import { arrayFrame, diskFrame, dramaticFrame, frame, traceRows } from '../fixtures/frames.ts'
import { inspectDisk } from './inspect_devices.ts'
import { inspectArray, inspectRow } from './inspection.ts'
import { Picture } from './picture.ts'

const DATA = 2048
const inflight = (...rows: number[][]): Float64Array => new Float64Array(rows.flat())
const array = (picture: Picture) => picture.scene.arrays[0]
const chunk = (picture: Picture, row: number, slot: number) => array(picture).rows[row].chunks[slot]

test('roles come from the layout', () => {
  const picture = new Picture()
  picture.apply(frame(), 0)
  expect(
    array(picture)
      .rows.slice(0, 5)
      .map(({ chunks }) => chunks.map(({ label }) => label).join(' ')),
  ).toEqual(['D0 D1 D2 P', 'D4 D5 P D3', 'D8 P D6 D7', 'P D9 D10 D11', 'D12 D13 D14 P'])
  expect(array(picture).health).toBe('UUUU')
})

test('what does not change keeps its identity', () => {
  const picture = new Picture()
  picture.apply(frame(), 0)
  const before = picture.scene
  picture.apply(frame({ number: 2 }), 16)
  expect(picture.scene).toBe(before)
  picture.apply(frame({ number: 3, arrays: [arrayFrame({ state: 'active' })] }), 32)
  expect(picture.scene).not.toBe(before)
  expect(array(picture).rows).toBe(before.arrays[0].rows)
  expect(picture.scene.disks).toBe(before.disks)
})

test('only the row in which something happens is new', () => {
  const picture = new Picture()
  picture.apply(frame(), 0)
  const before = array(picture).rows
  const disks = [0, 1, 2, 3].map((i) =>
    diskFrame(i, i === 2 ? { inflight: inflight([5, 0, READ, DATA + 3 * 128, 8, 1]) } : {}),
  )
  picture.apply(frame({ number: 2, disks }), 16)
  expect(chunk(picture, 3, 2).activity).toBe('read')
  expect(
    array(picture)
      .rows.filter((row, i) => row !== before[i])
      .map(({ stripe }) => stripe),
  ).toEqual([3])
})

test('pages in a cache make a chunk new, and say where they are', () => {
  const picture = new Picture()
  const disks = [0, 1, 2, 3].map((i) =>
    diskFrame(
      i,
      i === 1
        ? {
            cacheSectors: new Float64Array([8, DATA + 5 * 128, DATA + 5 * 128 + 120]),
            cacheMasks: new Uint8Array([255, 255, 1]),
            cacheSince: new Float64Array(3),
            cacheBytes: 3 * 4096,
          }
        : {},
    ),
  )
  picture.apply(frame({ disks }), 0)
  expect(chunk(picture, 5, 1)).toMatchObject({ state: 'new', volatilePages: 2, volatileMask: 0x8001 })
  expect(
    array(picture)
      .rows.flatMap(({ chunks }) => chunks)
      .filter(({ state }) => state === 'new').length,
  ).toBe(1)
  expect(array(picture).members[1].cacheBytes).toBe(3 * 4096)
})

test('data that has arrived before its parity makes the parity stale, until the parity arrives', () => {
  const picture = new Picture()
  const page = 7 * 128 + 24
  const writing = (bio: number) => ({ inflight: inflight([bio, 1, WRITE, DATA + page, 8, 1]) })
  const both = [diskFrame(0, writing(10)), diskFrame(1, writing(11)), diskFrame(2), diskFrame(3)]
  picture.apply(frame({ disks: both }), 0)
  expect(chunk(picture, 7, 0).state).toBe('old')
  const ended = traceRows([100, TRACE.disk_io, 1, 1, 11, WRITE, DATA + page, 8])
  const one = [diskFrame(0, writing(10)), diskFrame(1), diskFrame(2), diskFrame(3)]
  picture.apply(frame({ number: 2, disks: one, traceRows: ended }), 16)
  expect(chunk(picture, 7, 0)).toMatchObject({ label: 'P', state: 'stale', activity: 'write' })
  expect(inspectRow(picture, 'md0', 7, 0)).toMatchObject({ verdict: 'parity is stale' })
  picture.apply(frame({ number: 3, firstTraceRow: 1 }), 32)
  expect(chunk(picture, 7, 0).state).toBe('old')
})

test('parity that arrives first makes the data behind it stale', () => {
  const picture = new Picture()
  const page = 7 * 128
  const writing = { inflight: inflight([11, 1, WRITE, DATA + page, 8, 1]) }
  const ended = traceRows([100, TRACE.disk_io, 1, 0, 10, WRITE, DATA + page, 8])
  picture.apply(
    frame({ disks: [diskFrame(0), diskFrame(1, writing), diskFrame(2), diskFrame(3)], traceRows: ended }),
    0,
  )
  expect([0, 1, 2, 3].map((slot) => chunk(picture, 7, slot).state)).toEqual(['old', 'stale', 'old', 'old'])
})

test('what the bitmap wants resynced is unknown parity, what is not rebuilt is unknown, what is missing is lost', () => {
  const picture = new Picture()
  const base = arrayFrame()
  const counters = new Uint16Array(16)
  counters[4] = COUNTER_NEEDED | 2
  const members = base.members.map((member) =>
    member.slot === 1
      ? { ...member, state: 'rebuilding' as const, recoveryOffset: 8 * 128 }
      : member.slot === 2
        ? { ...member, name: '', state: 'missing' as const }
        : member,
  )
  picture.apply(frame({ arrays: [arrayFrame({ members, bitmap: { ...base.bitmap!, counters } })] }), 0)
  const state = (row: number, slot: number) => chunk(picture, row, slot).state
  expect([state(4, 3), state(4, 0), state(5, 2)]).toEqual(['unknown', 'old', 'lost'])
  expect([state(7, 1), state(8, 1), state(15, 1)]).toEqual(['old', 'unknown', 'unknown'])
  expect(array(picture).health).toBe('U__U')
})

test('a disk I/O is remembered by its age, and cools down', () => {
  const picture = new Picture()
  const rows = traceRows([1000, TRACE.disk_io, 1, 2, 9, READ, DATA + 2 * 128, 8])
  picture.apply(frame({ time: 2000, traceRows: rows }), 0)
  expect(chunk(picture, 2, 2)).toMatchObject({ heat: 4, age: '1 µs ago' })
  picture.apply(frame({ number: 2, time: 5_001_000, firstTraceRow: 1 }), 16)
  expect(chunk(picture, 2, 2)).toMatchObject({ heat: 2, age: '5 ms ago' })
  picture.apply(frame({ number: 3, time: 5e9, firstTraceRow: 1 }), 16)
  expect(chunk(picture, 2, 2)).toMatchObject({ heat: 0, age: '' })
})

test('rows of the trace that come twice count once', () => {
  const picture = new Picture()
  const rows = traceRows([1000, TRACE.disk_io, 1, 2, 9, READ, DATA, 8], [1100, TRACE.disk_io, 2, 2, 10, READ, DATA, 8])
  picture.apply(frame({ traceRows: rows }), 0)
  picture.apply(frame({ number: 2, traceRows: rows, firstTraceRow: 0 }), 16)
  expect(picture.timeline.track('sdc').count).toBe(2)
})

test('notable events stand on the timeline, and skips take no room on it', () => {
  const picture = new Picture()
  picture.apply(
    frame({
      time: 3e9,
      transport: { ...frame().transport, skips: [{ from: 1e9, to: 2e9 }] },
      traceRows: traceRows(
        [5e8, TRACE.power, 0, 3, 4],
        [6e8, TRACE.power, 1],
        [7e8, TRACE.sync_begin, 0, 0, 0],
        [25e8, TRACE.sync_end, 0, 0, 2048, 0],
        [26e8, TRACE.disk_state, 2, 0, 1],
      ),
    }),
    0,
  )
  expect(picture.timeline.events.map(({ text, at }) => `${text} ${at / 1e9}`)).toEqual([
    'power cut 0.5',
    'power on 0.6',
    'resync begins 0.7',
    'resync is done 1.5',
    'sdc pulled 1.6',
  ])
  expect(picture.timeline.bands).toEqual([{ text: 'resync', from: 7e8, to: 15e8 }])
  expect(picture.scene).toMatchObject({ survivors: 3, lost: 4 })
  expect(picture.timeline.now).toBe(2e9)
})

test('another machine begins anew', () => {
  const picture = new Picture()
  picture.apply(frame({ traceRows: traceRows([1, TRACE.power, 0, 1, 1]), causes: ['', 'dd'] }), 0)
  picture.apply(frame({ generation: 2, causes: [''] }), 16)
  expect(picture.timeline.events).toEqual([])
  expect(picture.causes).toEqual([''])
  expect(picture.scene.lost).toBe(0)
})

test('a large array is a field, not rows', () => {
  const picture = new Picture()
  const rows = 4000
  picture.apply(frame({ arrays: [arrayFrame({ rows, bitmap: null })] }), 0)
  expect(array(picture).rows).toEqual([])
  expect(array(picture).rowCount).toBe(rows)
  expect(picture.arrays.get('md0')!.field.state.length).toBe(rows * 4)
})

test('the inspector knows who caused an I/O, what the stripe does, and what a cut would do', () => {
  const picture = new Picture()
  for (let number = 1; number < 4; number++) picture.apply(dramaticFrame(number), number * 16)
  const found = inspectRow(picture, 'md0', 7, 0)!
  expect(found.title).toBe('Stripe 7, P')
  expect(found.why).toContain('a tie goes to it')
  expect(found.causes.map(({ text }) => text)).toEqual([
    'dd if=/dev/src of=/dev/md0 bs=4k count=1 seek=343',
    'write 2744+8',
    'reconstruct-write, page 3',
    'write 2968+8',
  ])
  expect(found.causes.at(-1)).toMatchObject({ isUnderWay: true, tone: 'parity' })
  expect(found.fields.find(({ label }) => label === 'if cut now')?.value).toContain('a resync mends it')
  expect(inspectArray(picture, 'md0')?.fields.find(({ label }) => label === 'if cut now')?.value).toContain(
    'half written',
  )
  expect(inspectDisk(picture, 'sda')?.fields.find(({ label }) => label === 'cache')?.value).toContain('1 page')
  expect(inspectRow(picture, 'md0', 99, 0)).toBeUndefined()
  expect(inspectDisk(picture, 'sdz')).toBeUndefined()
})

test('flushes are no chunk’s business', () => {
  const picture = new Picture()
  const rows = traceRows([1000, TRACE.disk_io, 1, 2, 9, FLUSH, 0, 0])
  const disks = [0, 1, 2, 3].map((i) => diskFrame(i, i === 2 ? { inflight: inflight([5, 0, FLUSH, 0, 0, 1]) } : {}))
  picture.apply(frame({ time: 2000, traceRows: rows, disks }), 0)
  expect(
    array(picture)
      .rows.flatMap(({ chunks }) => chunks)
      .every(({ activity, heat }) => activity === 'none' && heat === 0),
  ).toBe(true)
  expect(picture.scene.disks[2].doing).toBe('flushing')
})
