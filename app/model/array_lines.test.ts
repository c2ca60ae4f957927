import { expect, test } from 'vitest'
import { detailLine, isMappedArray, syncLine } from './array_lines.ts'

test('arrays of mdadm are spoken to through /sys, those of device-mapper by messages', () => {
  expect(syncLine('md0', 'check')).toBe('echo check > /sys/block/md0/md/sync_action')
  expect(syncLine('mapper/r', 'repair')).toBe('dmsetup message r 0 repair')
  expect([detailLine('md0'), detailLine('mapper/r')]).toEqual(['mdadm --detail /dev/md0', 'dmsetup status r'])
  expect([isMappedArray('md0'), isMappedArray('mapper/md0')]).toEqual([false, true])
})
