import { expect, test } from 'vitest'
import { formatGolden } from './golden.ts'
import type { Golden } from './golden.ts'

const golden: Golden = {
  script: 'abc',
  kernel: '6.1.176',
  mdadm: '4.2',
  commands: [
    { command: 'sync', status: 0, stdout: [] },
    { command: 'cat /proc/mdstat', status: 0, stdout: ['one ', '"two"'] },
    { command: 'mdadm --detail /dev/md0', status: 1, fields: { State: 'clean' } },
  ],
  disks: {
    a: {
      superblock: { level: 5, resync_offset: 'none' },
      badBlocks: ['8+8'],
      contents: { fromSector: 2048, sectors: 8, sha256: 'x', sketch: 'aaaa' },
    },
    b: { contents: { fromSector: 0, sectors: 8, sha256: 'y', sketch: 'bbbb' } },
  },
}

test('a golden reads back as it was written', () => {
  expect(JSON.parse(formatGolden(golden))).toEqual(golden)
  expect(JSON.parse(formatGolden({ ...golden, images: 'hash' }))).toEqual({ ...golden, images: 'hash' })
})

test('a line of output is a line of the golden, a structure of a disk is one line', () => {
  expect(formatGolden(golden)).toBe(`{
  "script": "abc",
  "kernel": "6.1.176",
  "mdadm": "4.2",
  "commands": [
    {"command": "sync", "status": 0, "stdout": []},
    {"command": "cat /proc/mdstat", "status": 0, "stdout": [
      "one ",
      "\\"two\\""
    ]},
    {"command": "mdadm --detail /dev/md0", "status": 1, "fields": {"State": "clean"}}
  ],
  "disks": {
    "a": {
      "superblock": {"level": 5, "resync_offset": "none"},
      "badBlocks": ["8+8"],
      "contents": {"fromSector": 2048, "sectors": 8, "sha256": "x", "sketch": "aaaa"}
    },
    "b": {
      "contents": {"fromSector": 0, "sectors": 8, "sha256": "y", "sketch": "bbbb"}
    }
  }
}
`)
})
