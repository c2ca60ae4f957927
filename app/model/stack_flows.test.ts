import { expect, test } from 'vitest'
import type { StackDevice } from '../draw/stack_layout.ts'
import { diskFrame, frame, NAMES } from '../fixtures/frames.ts'
import { Picture } from './picture.ts'
import { stackCards } from './stack_cards.ts'
import { linkFlows } from './stack_flows.ts'

const source = (id: string, ...below: string[]): StackDevice => ({ id, kind: 'source', below })
const device = (id: string, ...below: string[]): StackDevice => ({ id, kind: 'device', below })
const disk = (id: string): StackDevice => ({ id, kind: 'disk', below: [] })
const flow = (id: string, reads: number, writes: number) => ({ id, reads, writes, bytes: 0 })

test('what reaches a disk comes from the one device that stands on it, also where that itself is asked for nothing', () => {
  const devices = [device('md0', 'sda'), disk('sda')]
  expect(linkFlows(devices, [flow('sda', 30, 10)])['md0 sda']).toEqual({ reads: 30, writes: 10 })
})

test('devices share a disk as they are busy themselves', () => {
  const devices = [device('mapper/meta', 'sda'), device('mapper/data', 'sda'), disk('sda')]
  const links = linkFlows(devices, [flow('mapper/meta', 0, 0), flow('mapper/data', 0, 90), flow('sda', 0, 90)])
  expect(links['mapper/meta sda']).toEqual({ reads: 0, writes: 0 })
  expect(links['mapper/data sda']).toEqual({ reads: 0, writes: 90 })
})

test('a command sends what no workload does', () => {
  const devices = [source('command', 'md0'), source('workload w', 'md0'), device('md0')]
  const links = linkFlows(devices, [flow('workload w', 0, 400), flow('md0', 50, 400)])
  expect(links['workload w md0']).toEqual({ reads: 0, writes: 400 })
  expect(links['command md0']).toEqual({ reads: 50, writes: 0 })
})

test('every device that counts what it does has a rate, whatever it is', () => {
  const picture = new Picture()
  for (let i = 0; i <= 20; i++) {
    const counts = { reads: i * 2, readSectors: i * 16, writes: i * 3, writeSectors: i * 24 }
    const mapped = { minor: 0, sectors: 64, openers: 0, table: [], status: [], below: ['sda'] }
    const time = i * 1e7
    picture.apply(
      frame({
        number: i + 1,
        time,
        disks: NAMES.map((_, index) => diskFrame(index, index === 0 ? counts : {})),
        devices: [
          { name: 'mapper/later', ...counts },
          { name: 'md0', ...counts, writes: 0 },
        ],
        mapped: [{ ...mapped, name: 'later', state: 'active' }],
      }),
      i * 100,
    )
  }
  const flowOf = (id: string) => picture.scene.flows.find((one) => one.id === id)
  expect(flowOf('mapper/later')).toEqual({ id: 'mapper/later', reads: 200, writes: 300, bytes: 512 * 4000 })
  expect(flowOf('sda')).toMatchObject({ reads: 200, writes: 300 })
  expect(flowOf('sdb')).toMatchObject({ reads: 0, writes: 0 })
  const cards = stackCards(picture.scene)
  expect(cards.get('mapper/later')?.rate).toBe('500 /s')
  expect(cards.get('md0')?.rate).toBe('200 /s')
})
