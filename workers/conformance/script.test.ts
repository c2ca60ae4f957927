import { expect, test } from 'vitest'
import { parseScript, sleepSeconds } from './script.ts'

test('a script has disks, sorted by name, and commands with their here-documents', () => {
  const script = parseScript(
    'name',
    [
      '# What it is about.',
      '#! disk src 1M pattern 7',
      '#! disk a 4321K zero',
      '#! disk b 512 stamp 9',
      '',
      "dmsetup create m <<'END'",
      '0 8 linear /dev/a 0',
      '# not a comment here',
      'END',
      '  # a comment',
      'sync',
      '',
    ].join('\n'),
  )
  expect(script.disks).toEqual([
    { name: 'a', sizeBytes: 4321 * 1024, fill: 'zero', seed: 0 },
    { name: 'b', sizeBytes: 512, fill: 'stamp', seed: 9 },
    { name: 'src', sizeBytes: 1024 * 1024, fill: 'pattern', seed: 7 },
  ])
  expect(script.commands).toEqual([
    { text: "dmsetup create m <<'END'\n0 8 linear /dev/a 0\n# not a comment here\nEND", line: 6 },
    { text: 'sync', line: 11 },
  ])
  expect(script.hash).toMatch(/^[0-9a-f]{64}$/)
})

test('the halves of a power cut say where it happens and whose disks they take', () => {
  expect(parseScript('x.cut', '#! cut-in kernel\n#! disk a 1M zero\nsync\n').cutIn).toBe('kernel')
  expect(parseScript('x.after', '#! disks-from x\nsync\n').disksFrom).toBe('x')
})

test.each([
  ['#! disk a 1M\nsync\n', 'bad.lab:1: not a disk declaration'],
  ['#! disk a 100 zero\nsync\n', 'bad.lab:1: not a disk declaration'],
  ['#! disk A 1M zero\nsync\n', 'bad.lab:1: not a disk declaration'],
  ['#! disk a 1M pattern\nsync\n', 'bad.lab:1: not a disk declaration'],
  ['#! disc a 1M zero\nsync\n', 'bad.lab:1: unknown header'],
  ['#! disk a 1M zero\n#! disk a 2M zero\nsync\n', 'two disks have the same name'],
  ['#! disk a 1M zero\ncat <<END\nline\n', 'bad.lab:2: the here-document is not closed by END'],
  ['sync\n', 'no disk is declared'],
])('%j is refused', (text, message) => {
  expect(() => parseScript('bad', text)).toThrow(message)
})

test('sleeps are added up, whatever their unit', () => {
  const script = parseScript('x', '#! disk a 1M zero\nsleep 2\nsleep 500ms\nsleep 1m\nsleep 0.5s\nsleepy 7\n')
  expect(sleepSeconds(script)).toBe(63)
})
