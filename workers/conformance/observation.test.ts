import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from './answer.ts'
import { imagePath, unpackDisks } from './disks.ts'
import { observe } from './observation.ts'
import { SCRIPTS } from './suite.ts'

let folder = ''
let answer: Answer
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'observed-'))
  unpackDisks(join(SCRIPTS, 'cut_kernel_rebuild.cut.golden.gz'), folder)
  writeFileSync(imagePath(folder, 'plain'), new Uint8Array(200 * 512))
  const say = (command: string, stdout: string): Answer['commands'][number] => ({
    command,
    stdout,
    stderr: '',
    status: 0,
  })
  answer = {
    world: 'kernel',
    commands: [
      say('cat /proc/mdstat', 'md0 : active raid5 loop3[4]\n      bitmap: 1/2 pages [4KB], 64KB chunk\n'),
      say('echo -n word', 'word'),
      say('mdadm --examine-bitmap /dev/a', '          Bitmap : 48 bits (chunks), 2 dirty (4.2%)\n'),
    ],
    disksFolder: folder,
    problem: null,
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('commands are reduced to lines with names, or to fields', () => {
  expect(observe(answer, false).commands).toEqual([
    {
      command: 'cat /proc/mdstat',
      status: 0,
      stdout: ['md0 : active raid5 d[4]', '      bitmap: 1/2 pages [4KB], 64KB chunk'],
    },
    { command: 'echo -n word', status: 0, stdout: ['word\\'] },
    { command: 'mdadm --examine-bitmap /dev/a', status: 0, fields: { Bitmap: '48, 2 dirty' } },
  ])
})

test('disks are reduced to fields and sums', () => {
  const { disks } = observe(answer, false)
  expect(Object.keys(disks)).toEqual(['a', 'b', 'c', 'd', 'e', 'plain', 'src'])
  expect(disks['a']).toMatchObject({ events: 'newest', contents: { fromSector: 2048, sectors: 14336 } })
  expect(disks['b']).toMatchObject({ events: 'behind', roles: '0 1 2 3' })
  expect(disks['plain']).toMatchObject({ contents: { fromSector: 0, sectors: 200 } })
  expect(disks['plain']!.superblock).toBeUndefined()
})

test('a loose bitmap leaves out what time decides', () => {
  const { commands, disks } = observe(answer, true)
  expect(commands[0]!.stdout![1]).toBe('      bitmap: …/2 pages […], 64KB chunk')
  expect(commands[2]!.fields).toEqual({ Bitmap: '48' })
  expect(disks['b']!.bitmap!.bits).toBe('left behind')
  expect(disks['a']!.bitmap!.bits).not.toBe('left behind')
})
