import { expect, test } from 'vitest'
import { changeWords } from './change_words.ts'

test('of two commands that are alike, what differs', () => {
  const create = 'mdadm --create /dev/md0 --chunk=64 --bitmap=internal --run /dev/sda'
  expect(changeWords(create, create.replace('--chunk=64', '--chunk=16'))).toEqual({
    left: '--chunk=64',
    right: '--chunk=16',
  })
  expect(changeWords(create, create.replace(' --run', ''))).toEqual({ left: '--run', right: 'without --run' })
})

test('of two that are not, both', () => {
  expect(changeWords('sleep 3', 'power cut')).toEqual({ left: 'sleep 3', right: 'power cut' })
  expect(changeWords('sleep 3', 'sleep 1\npower cut')).toEqual({ left: 'sleep 3', right: 'sleep 1; power cut' })
  expect(changeWords("boot set <<'END'\na\nEND", 'boot show')).toEqual({
    left: "<<'END'".replace(/^/, 'set '),
    right: 'show',
  })
})
