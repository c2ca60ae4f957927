import { expect, test } from 'vitest'
import { Names } from './normalise.ts'

const kernel = new Names('kernel', ['a', 'b', 'src'])
const simulator = new Names('simulator', ['a', 'b', 'src'])

test('both worlds name the same disk the same', () => {
  expect(kernel.normalise('dmsetup table', 'v: 0 8 linear 7:1 0\n')).toBe('v: 0 8 linear b 0\n')
  expect(simulator.normalise('dmsetup table', 'v: 0 8 linear 8:16 0\n')).toBe('v: 0 8 linear b 0\n')
  expect(kernel.normalise('dmsetup deps', 'v: 2 dependencies\t: (7, 2) (253, 0)\n')).toBe(
    'v: 2 dependencies\t: (src) (253, 0)\n',
  )
  expect(simulator.normalise('dmsetup deps', 'v: 2 dependencies\t: (8, 32) (253, 0)\n')).toBe(
    'v: 2 dependencies\t: (src) (253, 0)\n',
  )
  expect(kernel.normalise('cat /proc/mdstat', 'md0 : active raid5 loop1[1](F) dm-0[0]\n')).toBe(
    'md0 : active raid5 b[1](F) dm-0[0]\n',
  )
})

test('what belongs to one world alone is left out', () => {
  const status = '  data device: /dev/a\n  data loop:   /run/x/a.img\n  size:        8 sectors\n'
  expect(kernel.normalise('veritysetup status v', status)).toBe('  data device: /dev/a\n  size:        8 sectors\n')
  expect(simulator.normalise('dmsetup targets', 'verity           v1.9.0\nhashtree         v1.0.0\n')).toBe(
    'verity           v1.9.0\n',
  )
})

test('numbers of other devices stay, and so do numbers that are none', () => {
  expect(kernel.of('253', '1')).toBe('253:1')
  expect(kernel.of('7', '9')).toBe('7:9')
  expect(simulator.of('8', '8')).toBe('8:8')
  expect(kernel.normalise('hexdump -C /dev/a', '00000000  7:1 loop\n')).toBe('00000000  7:1 loop\n')
})
