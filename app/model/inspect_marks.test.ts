import { expect, test } from 'vitest'
import { TRACE } from '../../engine/api/vocabulary.ts'
import { arrayFrame, dramaticFrame, frame, traceRows } from '../fixtures/frames.ts'
import { inspectDisk } from './inspect_devices.ts'
import { inspectBit, inspectCommand, inspectEvent, inspectFault, inspectMember } from './inspect_marks.ts'
import { chunkOfBio } from './inspect_origin.ts'
import { inspectArray, inspectRow, type Inspection } from './inspection.ts'
import { Picture } from './picture.ts'

const dramatic = (): Picture => {
  const picture = new Picture()
  for (let number = 1; number < 4; number++) picture.apply(dramaticFrame(number), number * 16)
  return picture
}
const field = (found: Inspection | undefined, label: string): string | undefined =>
  found?.fields.find((one) => one.label === label)?.value

test('a bit of the bitmap: counter, memory, each medium, and who set it', () => {
  const picture = dramatic()
  const WRITE_MD = [9 * 1048576, 1, 2744, 8]
  picture.apply(
    {
      ...dramaticFrame(4),
      traceRows: traceRows([50, TRACE.bio_submit, 1900, 0, ...WRITE_MD], [51, TRACE.bitmap_disk_bit, 0, 7, 1]),
    },
    64,
  )
  const found = inspectBit(picture, 'md0', 7)
  expect(field(found, 'counter')).toBe('3: 1 write in flight')
  expect(field(found, 'on disk')).toBe('set on sda, sdb, sdc, sdd')
  expect(field(found, 'stands for')).toBe('stripe 7')
  expect(field(found, 'if cut now')).toBe('its stripes are resynced')
  expect(found?.origin.map(({ text }) => text)).toEqual(['write 2744+8', 'set in memory: a write begins'])
  expect(inspectBit(picture, 'md0', 8)?.verdict).toBe('resync needed')
  expect(
    inspectBit(picture, 'md0', 12)
      ?.fields.find(({ label }) => label === 'on disk')
      ?.links?.map((l) => l.text),
  ).toEqual(['sda 1', 'sdb 1', 'sdc 0', 'sdd 0'])
  expect(inspectBit(picture, 'md0', 99)).toBeUndefined()
})

test('a stripe names what is pending: its entry in the stripe cache, and the requests at the disks', () => {
  const found = inspectRow(dramatic(), 'md0', 7, -1)
  expect(found?.pending.map(({ text }) => text)).toEqual(['reconstruct-write, page 3', 'write 2968+8 on sda'])
  expect(found?.fields.find(({ label }) => label === 'members')?.links?.[1]).toMatchObject({
    text: 'sdb D21',
    select: { kind: 'chunk', array: 'md0', stripe: 7, slot: 1 },
  })
})

test('procedures come with their steps, where they are at work', () => {
  const base = dramaticFrame(1)
  const procedures = [
    { name: 'resync', step: 'judge', steps: ['read', 'judge', 'written'], pending: 4 },
    { name: 'superblock update', step: 'go on', steps: ['write the superblocks', 'go on'], pending: 3 },
  ]
  const picture = new Picture()
  picture.apply({ ...base, arrays: [{ ...base.arrays[0], procedures, writesPending: 2 }] }, 0)
  expect(inspectArray(picture, 'md0')?.procedures).toEqual(procedures)
  expect(inspectArray(picture, 'md0')?.pending[0].text).toBe('2 writes not answered yet')
  expect(inspectRow(picture, 'md0', 6, -1)?.procedures.map(({ name }) => name)).toEqual(['resync'])
  expect(inspectRow(picture, 'md0', 9, -1)?.procedures).toEqual([])
})

test('a member: its state, who set it, its metadata', () => {
  const members = arrayFrame().members.map((member) =>
    member.slot === 1 ? { ...member, state: 'rebuilding' as const, recoveryOffset: 1024 } : member,
  )
  const picture = new Picture()
  const rows = traceRows([5, TRACE.command_begin, 1], [6, TRACE.member_state, 0, 1, 0, 2])
  picture.apply(
    frame({ arrays: [arrayFrame({ members })], causes: ['', 'mdadm /dev/md0 --fail /dev/sdb'], traceRows: rows }),
    0,
  )
  const found = inspectMember(picture, 'md0', 1)
  expect(found).toMatchObject({ title: 'sdb, slot 1 of md0', verdict: 'rebuilding' })
  expect(field(found, 'rebuilt')).toBe('512 KiB, 50.0 %')
  expect(found?.origin.map(({ text }) => text)).toEqual(['mdadm /dev/md0 --fail /dev/sdb', 'became failed'])
  expect(inspectMember(picture, 'md0', 9)).toBeUndefined()
})

test('faults and events lead to what they concern', () => {
  const picture = new Picture()
  picture.apply(
    frame({
      time: 10,
      faults: [{ id: 2, kind: 'latent', disk: 'sdc', sector: 2100, sectors: 8, healed: 3, amount: 0 }],
      causes: ['', 'fault add latent sdc 2100+8'],
      traceRows: traceRows(
        [1, TRACE.command_begin, 1],
        [2, TRACE.fault, 2, 2, 2100, 8, 0],
        [3, TRACE.command_end, 1, 0],
      ),
    }),
    0,
  )
  const fault = inspectFault(picture, 2)
  expect(field(fault, 'rewritten')).toBe('3 of 8')
  expect(fault?.origin.map(({ text }) => text)).toEqual(['fault add latent sdc 2100+8', 'laid'])
  const event = inspectEvent(picture, picture.timeline.events[0].key)
  expect(event?.title).toBe('fault 2 on sdc')
  expect(field(event, 'concerns')).toBe('fault 2 · sdc')
  expect(inspectDisk(picture, 'sdc')?.fields.find(({ label }) => label === 'fault 2')?.links?.[0].select).toEqual({
    kind: 'fault',
    fault: 2,
  })
  expect(inspectFault(picture, 9)).toBeUndefined()
  expect(inspectEvent(picture, 9)).toBeUndefined()
})

test('the command under way shows its step, and afterwards how it ended', () => {
  const picture = new Picture()
  const command = { line: 'dd of=/dev/md0', step: 'write', pending: 1, cause: 1, at: 0, steps: ['read', 'write'] }
  picture.apply(frame({ time: 500, command }), 0)
  expect(inspectCommand(picture, undefined)).toMatchObject({
    title: 'dd of=/dev/md0',
    procedures: [{ step: 'write', steps: ['read', 'write'] }],
  })
  picture.apply(frame({ number: 2 }), 16)
  expect(inspectCommand(picture, undefined)).toBeUndefined()
  const ended = { command: 'true', status: 1, begun: 0, at: 2000, source: 'typed' } as const
  const rest = { argv0: '', family: 'linux', stdout: '', stderr: '', cause: 0 } as const
  expect(inspectCommand(picture, { ...ended, ...rest })).toMatchObject({ verdict: 'failed, status 1' })
})

test('a bio leads to its chunk, of the array and of the disk', () => {
  const picture = dramatic()
  expect(chunkOfBio(picture, 1841)).toEqual({ kind: 'chunk', array: 'md0', stripe: 7, slot: 1 })
  expect(chunkOfBio(picture, 1843)).toEqual({ kind: 'chunk', array: 'md0', stripe: 7, slot: 0 })
  expect(chunkOfBio(picture, 99)).toBeUndefined()
})
