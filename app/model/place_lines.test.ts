import { expect, test } from 'vitest'
import { arrayFrame, frame } from '../fixtures/frames.ts'
import type { FaultScene } from './machine_scene.ts'
import { Picture } from './picture.ts'
import { placeLines, type ClosePlace } from './place_lines.ts'

function linesAt(place: ClosePlace, over: Parameters<typeof frame>[0] = {}, faults: readonly FaultScene[] = []) {
  const picture = new Picture()
  picture.apply(frame(over), 0)
  return placeLines(picture, { ...picture.scene, faults }, 'md0', place)
}
const line = (lines: ReturnType<typeof linesAt>, label: RegExp) => lines.find((one) => label.test(one.label))

test('a page is written through the array at its own place, and wounded on its disk', () => {
  // Stripe 1 of a left-symmetric array: parity is on sdc, D3 on sdd, D4 on sda. Its fourth page.
  const lines = linesAt({ slot: 0, from: (128 + 24) * 512, isByte: false })
  expect(line(lines, /^Write/)?.line).toContain(`seek=${(4 * 128 + 24) / 8} `)
  expect(line(lines, /rot$/)?.line).toBe(`fault add rot sda ${2048 + 128 + 24}+8`)
  expect(line(lines, /^Overwrite/)?.line).toBe(
    `dd if=/dev/urandom of=/dev/sda bs=4k count=1 seek=${(2048 + 128 + 24) / 8} oflag=direct`,
  )
  expect(lines.every(({ refusal }) => refusal === undefined)).toBe(true)
})

test('of a byte, its sector and itself', () => {
  const at = (128 + 24) * 512 + 700
  const lines = linesAt({ slot: 0, from: at, isByte: true })
  expect(line(lines, /^Read/)?.line).toContain(`bs=512 count=1 skip=${4 * 128 + 25} `)
  expect(line(lines, /unreadable/)?.line).toBe(`fault add latent sda ${2048 + 128 + 25}+1`)
  expect(line(lines, /^Overwrite/)?.line).toContain(`of=/dev/sda bs=1 count=1 seek=${2048 * 512 + at} `)
})

test('parity is not written by anybody else, and without power nothing is', () => {
  const place = { slot: 2, from: 128 * 512, isByte: false }
  const lines = linesAt(place)
  expect(line(lines, /^Write/)?.refusal).toBe('Parity is written by the array alone.')
  expect(line(lines, /^Overwrite/)?.refusal).toBeUndefined()
  const dark = linesAt(place, { powerOn: false })
  expect(line(dark, /^Overwrite/)?.refusal).toBe('The power is off.')
  expect(line(dark, /rot$/)?.refusal).toBeUndefined()
})

test('what is not there has no menu; what lies there can be lifted', () => {
  const members = arrayFrame().members.map((member) => (member.slot === 0 ? { ...member, name: '' } : member))
  expect(linesAt({ slot: 0, from: 0, isByte: true }, { arrays: [arrayFrame({ members })] })).toEqual([])
  const fault = { id: 3, kind: 'rot', disk: 'sda', sector: 2049, sectors: 1, healed: 0 }
  expect(line(linesAt({ slot: 0, from: 512, isByte: true }, {}, [fault]), /^Lift/)?.line).toBe('fault lift 3')
  expect(line(linesAt({ slot: 0, from: 0, isByte: true }, {}, [fault]), /^Lift/)).toBeUndefined()
})
