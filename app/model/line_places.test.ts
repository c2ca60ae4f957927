import { expect, test } from 'vitest'
import { overlaps, placesOf } from './line_places.ts'

test('dd says where it reads and writes', () => {
  expect(placesOf('dd if=/dev/urandom of=/dev/md0 bs=64k count=2 seek=4 oflag=direct')).toContainEqual({
    device: 'md0',
    sector: 512,
    sectors: 256,
  })
  expect(placesOf('dd if=/dev/md0 of=/tmp/x bs=4K skip=3 count=1')).toEqual([{ device: 'md0', sector: 24, sectors: 8 }])
  expect(placesOf('dd if=/dev/md0 of=/dev/sda')).toEqual([
    { device: 'md0', sector: 0, sectors: Infinity },
    { device: 'sda', sector: 0, sectors: Infinity },
  ])
})

test('a stretch belongs to the device before it', () => {
  expect(placesOf('fault add rot sdb 2064+8')).toEqual([{ device: 'sdb', sector: 2064, sectors: 8 }])
  expect(placesOf('workload start app /dev/md0 --region 1M+2M')).toEqual([])
  expect(placesOf('')).toEqual([])
})

test('places overlap where they share a sector', () => {
  const place = { device: 'sda', sector: 8, sectors: 8 }
  expect([overlaps(place, 0, 8), overlaps(place, 15, 1), overlaps(place, 16, 1)]).toEqual([false, true, false])
})
