import { expect, test } from 'vitest'
import { complete } from './completion.ts'

const COMMANDS = ['dd', 'disk', 'dmsetup', 'mdadm', 'power']
const WORDS = ['/dev/md0', '/dev/sda', '/dev/sdb', '/proc/mdstat', 'cut', 'on']

const at = (line: string) => complete(line, line.length, COMMANDS, WORDS)

test('a command is completed with a blank behind it', () => {
  expect(at('mda')).toEqual({ line: 'mdadm ', caret: 6, choices: [] })
})

test('where several fit, they are completed as far as they agree', () => {
  expect(at('di')?.line).toBe('disk ')
  expect(at('d')).toEqual({ line: 'd', caret: 1, choices: ['dd', 'disk', 'dmsetup'] })
  expect(at('sync; po')?.line).toBe('sync; power ')
})

test('files stand anywhere but first, also behind an equals sign', () => {
  expect(at('dd if=/dev/zero of=/dev/m')?.line).toBe('dd if=/dev/zero of=/dev/md0 ')
  expect(at('cat /dev/s')?.choices).toEqual(['/dev/sda', '/dev/sdb'])
  expect(at('cat /dev/s')?.line).toBe('cat /dev/sd')
  expect(at('/dev/m')).toBeUndefined()
})

test('only the word before the caret changes', () => {
  expect(complete('cat /pro | x', 8, COMMANDS, WORDS)?.line).toBe('cat /proc/mdstat | x')
})

test('nothing to complete', () => {
  expect(at('')).toBeUndefined()
  expect(at('dd ')).toBeUndefined()
  expect(at('zz')).toBeUndefined()
})
