import { expect, test } from 'vitest'
import { changedText, changeFor, commandsOf, withOption, type Change } from './change.ts'
import { compareOf, type Asked } from './compare_line.ts'

const CREATE = 'mdadm --create /dev/md0 --level=5 --raid-devices=3 --chunk=64 /dev/a /dev/b /dev/c'
const lines = (...texts: string[]) => texts.map((text) => ({ text }))

function asked(text: string): Asked {
  const found = compareOf(text)
  if (found === null || !found.ok) throw new Error(`${text} asks for nothing`)
  return found.value
}

function change(text: string, ...typed: string[]): Change | string {
  const one = asked(text)
  if (one.kind !== 'options' && one.kind !== 'command') throw new Error(`${text} changes nothing`)
  const found = changeFor(one, lines(...typed))
  return found.ok ? found.value : found.message
}

test('what a line asks for', () => {
  expect(compareOf('compared')).toBeNull()
  expect(compareOf('echo compare')).toBeNull()
  expect(asked('compare')).toEqual({ kind: 'tell' })
  expect(asked(' compare off ')).toEqual({ kind: 'off' })
  expect(asked('compare --bitmap=none --chunk=4')).toEqual({ kind: 'options', options: ['--bitmap=none', '--chunk=4'] })
  expect(asked("compare echo 'a b'")).toEqual({ kind: 'command', line: null, text: "echo 'a b'" })
  expect(asked("compare --line 3 boot set <<'E'\nx\nE")).toEqual({
    kind: 'command',
    line: 2,
    text: "boot set <<'E'\nx\nE",
  })
  for (const wrong of ['compare --line', 'compare --line 0 true', 'compare --line 2', 'compare -x']) {
    expect(compareOf(wrong), wrong).toMatchObject({ ok: false, errno: 'EINVAL' })
  }
})

test.each([
  ['--chunk=64 /dev/a', '--chunk=16', '--chunk=16 /dev/a'],
  ['--chunk 64 /dev/a', '--chunk=16', '--chunk=16 /dev/a'],
  ['-c 64 /dev/a', '--chunk=16', '--chunk=16 /dev/a'],
  ['-c64 /dev/a', '--chunk=16', '--chunk=16 /dev/a'],
  ['-n 3 /dev/a', '--chunk=16', '-n 3 --chunk=16 /dev/a'],
  ['--bitmap=internal --bitmap-chunk=64K --run /dev/a', '--bitmap=none', '--bitmap=none --run /dev/a'],
  ['--bitmap=internal --bitmap-chunk 64K --run /dev/a', '--bitmap=none', '--bitmap=none --run /dev/a'],
  ['--bitmap=internal --bitmap-chunk=64K /dev/a', '--bitmap-chunk=4K', '--bitmap=internal --bitmap-chunk=4K /dev/a'],
  ['--run /dev/a', '--assume-clean', '--run --assume-clean /dev/a'],
  ['--assume-clean --run /dev/a', '--assume-clean', '--assume-clean --run /dev/a'],
])('mdadm --create /dev/md0 %s with %s', (words, option, expected) => {
  const argv = `mdadm --create /dev/md0 ${words}`.split(' ')
  expect(withOption(argv, option).join(' ')).toBe(`mdadm --create /dev/md0 ${expected}`)
})

test('an option is of the line that made the array, wherever that stands', () => {
  const found = change('compare --chunk=16', 'disk create a 1M', `true; ${CREATE}\nsettle`)
  expect(found).toMatchObject({ line: 1, command: 1, from: CREATE, to: CREATE.replace('64', '16') })
  expect(change('compare --chunk=16', 'true')).toContain('makes an array')
  expect(change('compare --chunk=16', CREATE, CREATE)).toContain('several')
  expect(change('compare --chunk=64', CREATE)).toContain('nothing would differ')
})

test('a command is in place of the one most like it, the last of those', () => {
  const typed = ['disk create a 1M', 'disk create b 1M', 'disk pull b', 'sleep 1', 'sleep 2']
  expect(change('compare disk create b 2M', ...typed)).toMatchObject({ line: 1 })
  expect(change('compare disk pull a', ...typed)).toMatchObject({ line: 2 })
  expect(change('compare sleep 7', ...typed)).toMatchObject({ line: 4 })
  expect(change('compare --line 4 sleep 7', ...typed)).toMatchObject({ line: 3 })
  expect(change('compare settle', ...typed)).toContain('begins with settle')
  expect(compareOf("compare echo 'open")).toBeNull()
})

test('a rule that is not set is set before everything, but for the seed', () => {
  expect(change('compare rules x y', 'true', 'false')).toEqual({
    line: 0,
    command: 0,
    from: 'true',
    to: 'rules x y\ntrue',
  })
  expect(change('compare rules x y', 'seed 3', 'false')).toMatchObject({ from: 'seed 3', to: 'seed 3\nrules x y' })
  expect(change('compare rules x y', 'true', 'rules x z')).toMatchObject({
    line: 1,
    from: 'rules x z',
    to: 'rules x y',
  })
})

test('only that command becomes another, and only while it is that command', () => {
  const one: Change = { line: 1, command: 1, from: 'sleep 1', to: 'sleep 2\nsettle' }
  expect(changedText(one, 0, 'true; sleep 1')).toBe('true; sleep 1')
  expect(changedText(one, 1, 'true; sleep 1; false')).toBe('true\nsleep 2\nsettle\nfalse')
  expect(changedText(one, 1, 'true; sleep 9')).toBe('true\nsleep 9')
  expect(commandsOf(lines('a; b', "boot set <<'E'\nx\nE\nc")).map(({ line, command }) => [line, command])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])
})
