import { expect, test } from 'vitest'
import { compare, firstDifferingSector } from './compare.ts'
import type { DiskObservation, Observation } from './observation.ts'

const contents = { fromSector: 2048, sectors: 512, sha256: 'one', sketch: 'aaaa*4' }
const member: DiskObservation = {
  events: 'newest',
  superblock: { level: 5, layout: 2 },
  roles: '0 1 2',
  bitmap: { header: { chunksize: 65536 }, bits: '0-3' },
  contents,
}

function world(disks: Observation['disks'], ...commands: Observation['commands']): Observation {
  return { commands, disks }
}

test('equal answers have no difference', () => {
  const one = world({ a: member }, { command: 'sync', status: 0, stdout: [] })
  expect(compare(one, structuredClone(one))).toEqual([])
})

test('of the status only success counts', () => {
  const of = (status: number): Observation => world({}, { command: 'mdadm --stop /dev/md0', status, stdout: [] })
  expect(compare(of(1), of(2))).toEqual([])
  expect(compare(of(0), of(1))).toEqual(['command 1, mdadm --stop /dev/md0: status 1, expected 0'])
})

test('output differs by its lines, and blanks at their ends are shown', () => {
  const of = (...stdout: string[]): Observation => world({}, { command: 'cat /proc/mdstat', status: 0, stdout })
  expect(compare(of('same', 'zero ', 'last'), of('same', 'zero', 'more', 'last'))).toEqual([
    [
      'command 1, cat /proc/mdstat: output differs from line 2 on (- expected, + got)',
      '    - zero·',
      '    + zero',
      '    + more',
    ].join('\n'),
  ])
})

test('a report differs by its fields', () => {
  const of = (fields: Record<string, string>): Observation => world({}, { command: 'mdadm -D', status: 0, fields })
  expect(compare(of({ State: 'clean', Layout: 'ls' }), of({ State: 'active' }))).toEqual([
    'command 1, mdadm -D: State is "active", expected "clean"',
    'command 1, mdadm -D: Layout is nothing, expected "ls"',
  ])
})

test('a here-document counts by its first line, a missing or other command is said', () => {
  const of = (...commands: string[]): Observation =>
    world({}, ...commands.map((command) => ({ command, status: 0, stdout: [] })))
  expect(compare(of('cat <<END\nx\nEND'), of('cat <<END'))).toEqual([])
  expect(compare(of('sync', 'true'), of('sync'))).toEqual(['command 2 was not answered: true'])
  expect(compare(of('sync'), of('sync', 'true'))).toEqual(['command 2 was not expected: true'])
  expect(compare(of('sync'), of('true'))).toEqual(['command 1, sync: the other ran true'])
})

test('metadata differ by their fields, contents by place', () => {
  const other: DiskObservation = {
    events: 'behind',
    superblock: { level: 5, layout: 3 },
    roles: '0 faulty 2',
    bitmap: { header: { chunksize: 4096 }, bits: '0-2' },
    contents: { ...contents, sha256: 'two', sketch: 'aaaa*2 bbbb aaaa' },
  }
  expect(compare(world({ a: member }), world({ a: other }))).toEqual([
    'disk a, superblock: layout is "3", expected "2"',
    'disk a, superblock: events is "behind", expected "newest"',
    'disk a, superblock: dev_roles is "0 faulty 2", expected "0 1 2"',
    'disk a, bitmap: chunksize is "4096", expected "65536"',
    'disk a, bitmap: bits is "0-2", expected "0-3"',
    'disk a: contents differ, first in sectors 2304 to 2431',
  ])
  expect(compare(world({ a: member }), world({ a: other }), () => 2345).at(-1)).toBe(
    'disk a: contents differ, first in sector 2345 (297 of the data)',
  )
})

test('a superblock or a bitmap that only one side has is said', () => {
  const { bitmap: _, ...plainMember } = member
  expect(compare(world({ a: member }), world({ a: { contents } }))).toEqual(['disk a: no MD superblock'])
  expect(compare(world({ a: { contents } }), world({ a: member }))).toEqual([
    'disk a: an MD superblock where none is expected',
  ])
  expect(compare(world({ a: member }), world({ a: plainMember }))).toEqual(['disk a: no bitmap'])
  expect(compare(world({ a: plainMember }), world({ a: member }))).toEqual(['disk a: a bitmap where none is expected'])
  expect(compare(world({ a: member }), world({}))).toEqual(['disk a is missing'])
})

test('the first differing sector', () => {
  const one = new Uint8Array(2048)
  const other = Uint8Array.from(one)
  expect(firstDifferingSector(one, other, 0)).toBeNull()
  other[1030] = 1
  expect(firstDifferingSector(one, other, 0)).toBe(2)
  expect(firstDifferingSector(one, other, 3)).toBeNull()
  expect(firstDifferingSector(one, other.subarray(0, 512), 0)).toBe(1)
})
