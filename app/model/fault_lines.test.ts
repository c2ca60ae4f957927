import { expect, test } from 'vitest'
import { chunkFaultLines, diskFaultLines, faultLine, faultTrouble } from './fault_lines.ts'
import { EMPTY_SCENE, type DiskScene, type FaultScene, type MachineScene } from './machine_scene.ts'

const disk = (name: string, isPulled = false): DiskScene => ({
  ...{ name, index: 0, model: 'ssd', sectors: 4096, isPulled, isAbsent: isPulled, claimedBy: '', cacheBytes: 0 },
  ...{ inflight: 0, faults: 0, reads: 0, writes: 0, rate: 0, doing: 'idle' },
})
const fault = (id: number, kind: string, sector: number, sectors: number): FaultScene => ({
  ...{ id, kind, disk: 'sda', sector, sectors, healed: 0 },
})
const SCENE: MachineScene = {
  ...EMPTY_SCENE,
  disks: [disk('sda'), disk('sdb', true)],
  faults: [fault(1, 'latent', 2048, 8), fault(2, 'rot', 100, 1), fault(3, 'slow', 0, 4096)],
}

test('a chunk offers to lift what lies in it, and what slows its disk', () => {
  const lines = chunkFaultLines(SCENE, 'sda', 2048, 128).map(({ line }) => line)
  expect(lines).toEqual([
    'fault add latent sda 2048+128',
    'fault add slow sda 10',
    'fault add hang sda 100ms',
    'disk pull sda',
    'fault lift 1',
    'fault lift 3',
  ])
})

test('a pulled disk says why nothing can be done to it', () => {
  expect(chunkFaultLines(SCENE, 'sdb', 0, 8).every(({ refusal }) => refusal === 'sdb is pulled.')).toBe(true)
  expect(diskFaultLines(SCENE, 'sdb')[0].refusal).toBe('sdb is pulled.')
  expect(diskFaultLines(SCENE, 'sda').map(({ line }) => line)).toEqual([
    'fault add hang sda',
    'fault lift 1',
    'fault lift 2',
    'fault lift 3',
  ])
})

test('the form’s line, and what is wrong with it', () => {
  expect(faultLine({ kind: 'latent', disk: 'sda', amount: '8+8' })).toBe('fault add latent sda 8+8')
  expect(faultLine({ kind: 'hang', disk: 'sda', amount: '' })).toBe('fault add hang sda')
  const trouble = (kind: 'latent' | 'slow' | 'hang', amount: string) =>
    faultTrouble({ kind, disk: 'sda', amount }, 4096)
  for (const fine of ['0', '4088+8']) expect(trouble('latent', fine)).toBeUndefined()
  for (const wrong of ['', 'x', '4096', '1+0', '1;2']) expect(trouble('latent', wrong)).toBeDefined()
  expect([trouble('slow', '10'), trouble('hang', ''), trouble('hang', '2s')]).toEqual([undefined, undefined, undefined])
  expect([trouble('slow', '1'), trouble('hang', 'soon')].every(Boolean)).toBe(true)
})
