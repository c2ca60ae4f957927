import { expect, test } from 'vitest'
import { arrayFrame, frame } from '../fixtures/frames.ts'
import { Picture } from './picture.ts'
import { stackCards, stackDevices } from './stack_cards.ts'

const sceneOf = (over: Parameters<typeof frame>[0]) => {
  const picture = new Picture()
  picture.apply(frame(over), 0)
  return picture.scene
}

test('an array stands on its members, also on those that have failed', () => {
  const members = arrayFrame().members.map((member) =>
    member.slot === 1 ? { ...member, name: '', state: 'missing' as const } : member,
  )
  const failed = {
    slot: -1,
    name: 'sdb',
    state: 'faulty' as const,
    recoveryOffset: 0,
    dataOffset: 2048,
    metadata: 'sdb',
  }
  const scene = sceneOf({ arrays: [arrayFrame({ members: [...members, failed], degraded: 1 })] })
  expect(stackDevices(scene)[0]).toEqual({ id: 'md0', kind: 'device', below: ['sda', 'sdb', 'sdc', 'sdd'] })
  expect(stackCards(scene).get('md0')).toMatchObject({ facts: 'raid5 · degraded [U_UU]', tone: 'danger' })
})

test('the command under way stands above the device it names', () => {
  const command = {
    line: 'dd if=/dev/zero of=/dev/md0 bs=4k',
    step: 'copy',
    pending: 1,
    cause: 1,
    at: 0,
    steps: ['copy'],
  }
  const devices = stackDevices(sceneOf({ command }))
  expect(devices[0]).toEqual({ id: 'command', kind: 'source', below: ['md0'] })
  expect(stackDevices(sceneOf({ command: { ...command, line: 'cat /dev/md01' } }))[0].id).toBe('md0')
})

test('every box has its card', () => {
  const scene = sceneOf({})
  const cards = stackCards(scene)
  for (const { id } of stackDevices(scene)) expect(cards.has(id)).toBe(true)
})
