import { expect, test } from 'vitest'
import { diskFrame, frame, NAMES } from '../fixtures/frames.ts'
import { Picture } from './picture.ts'
import { addLines } from './stack_lines.ts'

const linesOf = (over: Parameters<typeof frame>[0]) => {
  const picture = new Picture()
  picture.apply(frame(over), 0)
  return addLines(picture.scene)
}
const spare = (index: number, name: string) => ({ ...diskFrame(0), name, index, claimedBy: '' })
const used = NAMES.map((_, index) => diskFrame(index))

test('where every disk is in use, another one can be made, and nothing on top of it', () => {
  const [disk, mapped, array] = linesOf({})
  expect(disk.line).toBe('disk create sde 2M --model ssd')
  expect(mapped.refusal).toBe('Every disk is in use: make another one first.')
  expect(array.refusal).toBe('It takes 3 disks that nobody uses.')
})

test('unused disks get a device over them, with a name that is free', () => {
  const disks = [...used, spare(4, 'sde'), spare(5, 'sdf'), spare(6, 'sdg')]
  const lines = linesOf({ disks })
  expect(lines[1]).toMatchObject({
    line: "dmsetup create over0 --table '0 4096 linear /dev/sde 0'",
    refusal: undefined,
  })
  expect(lines[2].line).toMatch(/^mdadm --create \/dev\/md1 .*\/dev\/sde \/dev\/sdf \/dev\/sdg$/)
  expect(lines[2].refusal).toBeUndefined()
  expect(linesOf({ disks, powerOn: false })[2].refusal).toBe('The power is off.')
})
