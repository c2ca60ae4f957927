import { expect, test } from 'vitest'
import { freeName, WORKLOAD_FORM, workloadLine, workloadTroubles } from './workload_line.ts'

test('the line says what the form says, and no more than is needed', () => {
  expect(workloadLine({ ...WORKLOAD_FORM, depth: '1', rate: '' })).toBe(
    'workload start load /dev/md0 --pattern random --size 4K',
  )
  expect(
    workloadLine({
      name: 'db',
      device: 'mapper/pool',
      pattern: 'seq',
      read: '70',
      size: '64K',
      depth: '8',
      rate: '500',
      isSync: true,
      region: '1M+2M',
    }),
  ).toBe(
    'workload start db /dev/mapper/pool --pattern seq --read 70 --size 64K --depth 8 --rate 500 --sync --region 1M+2M',
  )
})

test('what cannot be typed is said field by field', () => {
  expect(workloadTroubles(WORKLOAD_FORM, [])).toEqual({})
  const wrong = {
    name: 'a b; rm',
    device: '',
    pattern: 'seq' as const,
    read: '101',
    size: '100',
    depth: '0',
    rate: 'x',
    isSync: false,
    region: '1M+x',
  }
  expect(Object.keys(workloadTroubles(wrong, [])).sort()).toEqual(
    ['depth', 'device', 'name', 'rate', 'read', 'region', 'size'].sort(),
  )
  expect(workloadTroubles({ ...WORKLOAD_FORM, size: '8M' }, []).size).toBeDefined()
  expect(workloadTroubles(WORKLOAD_FORM, ['load']).name).toContain('already')
  expect(workloadTroubles({ ...WORKLOAD_FORM, region: '64K' }, [])).toEqual({})
})

test('a free name', () => {
  expect(freeName([])).toBe('load')
  expect(freeName(['load', 'load2'])).toBe('load3')
})
