import { expect, test } from 'vitest'
import { layOutStack, type StackDevice } from './stack_layout.ts'

const DISKS = ['sda', 'sdb', 'sdc', 'sdd']
const STACK: StackDevice[] = [
  { id: 'writes', kind: 'source', below: ['md0'] },
  { id: 'md0', kind: 'device', below: DISKS },
  ...[...DISKS, 'sde'].map((id) => ({ id, kind: 'disk' as const, below: [] })),
]

test('what stands on something is above it', () => {
  const { boxes } = layOutStack(STACK, 220)
  const y = new Map(boxes.map((box) => [box.id, box.y]))
  for (const { id, below } of STACK) for (const other of below) expect(y.get(id)).toBeLessThan(y.get(other)!)
})

test('every device has one box, also one that nobody uses, and none overlap', () => {
  const { boxes, height } = layOutStack(STACK, 220)
  expect(boxes.map(({ id }) => id).sort()).toEqual(STACK.map(({ id }) => id).sort())
  const sorted = [...boxes].sort((a, b) => a.y - b.y)
  sorted.slice(1).forEach((box, i) => expect(box.y).toBeGreaterThan(sorted[i].y + sorted[i].height))
  expect(Math.max(...boxes.map((box) => box.y + box.height))).toBeLessThan(height)
  expect(boxes.every((box) => box.x >= 0 && box.x + box.width <= 220)).toBe(true)
})

test('a device below two others is drawn once and linked twice', () => {
  const { boxes, links } = layOutStack(
    [
      { id: 'one', kind: 'source', below: ['md0'] },
      { id: 'two', kind: 'source', below: ['md0'] },
      { id: 'md0', kind: 'device', below: ['sda'] },
      { id: 'sda', kind: 'disk', below: [] },
    ],
    220,
  )
  expect(boxes.length).toBe(4)
  expect(links.map(({ id }) => id)).toEqual(['one md0', 'two md0', 'md0 sda'])
  expect(links.every(({ path }) => path.startsWith('M') && !path.includes('NaN'))).toBe(true)
})

test('what is not there is not linked to', () => {
  expect(layOutStack([{ id: 'w', kind: 'source', below: ['md7'] }], 200).links).toEqual([])
})
