import { expect, test } from 'vitest'
import { readProgram } from './test_program.ts'

const read = (text: string): ReturnType<typeof readProgram> => readProgram(text.split(/\s+/))

test('instructions, numbers and loops', () => {
  expect(read('new 3; stamp 3 7 0 512; put 3')).toMatchObject({
    ok: true,
    value: [
      { op: 'new', operands: [{ base: 3, loop: null }] },
      { op: 'stamp', operands: [{ base: 3 }, { base: 7 }, { base: 0 }, { base: 512 }] },
      { op: 'put' },
    ],
  })
  expect(read('loop i 4; read 10+i; put i; end; sync')).toMatchObject({
    ok: true,
    value: [
      { op: 'loop', loop: 'i', times: 4 },
      {
        op: 'read',
        operands: [{ base: 10, loop: 'i' }],
      },
      { op: 'put', operands: [{ base: 0, loop: 'i' }] },
      { op: 'end', begin: 0 },
      { op: 'sync' },
    ],
  })
  expect(read('')).toEqual({ ok: true, value: [] })
})

test.each([
  ['write 3', /no instruction write; there are new BLOCK/],
  ['read', /read: there are/],
  ['read 1 2', /read 1 2: there are/],
  ['stamp 1 2 3', /there are/],
  ['dirty 1 5', /there are/],
  ['read x', /no loop x around it/],
  ['read 1i', /1i is no number/],
  ['read 1+', /1\+ is no number/],
  ['read -1', /-1 is no number/],
  ['loop i; end', /a loop is loop NAME TIMES/],
  ['loop i 0; end', /a loop is/],
  ['loop 2 i; end', /a loop is/],
  ['loop i 2; loop i 2; end; end', /there is a loop i around this one/],
  ['loop i 2; sync', /loop i has no end/],
  ['end', /an end without a loop/],
  ['loop i 2; end; read i', /no loop i around it/],
])('%s is refused', (text, why) => {
  const program = read(text)
  expect(program.ok ? 'taken' : program.message).toMatch(why)
})
