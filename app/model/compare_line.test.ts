import { expect, test } from 'vitest'
import { arrayOptions, commandLine, createCommand, optionsLine } from './compare_line.ts'

const CREATE =
  'mdadm --create /dev/md0 --level=5 --chunk=64 --bitmap=internal --bitmap-chunk=64K --run /dev/sda /dev/sdb'

test('what a command that makes an array says of it, and what it does not say', () => {
  expect(arrayOptions(CREATE)).toEqual({ bitmap: 'internal', chunk: '64', layout: 'left-symmetric' })
  expect(arrayOptions('mdadm -C /dev/md0 -l 5 -c 16 -p ra -n 3 -b none')).toEqual({
    bitmap: 'none',
    chunk: '16',
    layout: 'ra',
  })
  expect(arrayOptions('mdadm -C /dev/md0 -l 5')).toEqual({ bitmap: 'none', chunk: '512', layout: 'left-symmetric' })
})

test('the line names what is to differ, and nothing else', () => {
  const before = arrayOptions(CREATE)
  expect(optionsLine(before, before)).toBeUndefined()
  expect(optionsLine(before, { ...before, bitmap: 'none' })).toBe('compare --bitmap=none')
  expect(optionsLine(before, { ...before, chunk: '16', layout: 'parity-last' })).toBe(
    'compare --chunk=16 --layout=parity-last',
  )
})

test('another command in the place of one', () => {
  const commands = [
    { line: 0, command: 0, text: 'disk create sda 1M' },
    { line: 4, command: 0, text: CREATE },
  ]
  expect(commandLine(commands[0], ' disk create sda 1M ')).toBeUndefined()
  expect(commandLine(commands[0], '')).toBeUndefined()
  expect(commandLine(commands[0], 'disk create sda 2M')).toBe('compare --line 1 disk create sda 2M')
  expect(createCommand(commands)).toBe(commands[1])
  expect(createCommand([commands[1], commands[1]])).toBeUndefined()
})
