/** What raid6check refuses, and with which status; what it finds and repairs is in the scenarios S05 to S09. */
import { expect, test } from 'vitest'
import { say, setUp, testMachine } from '../lab/fixture.ts'
import '../lab/whole_language.ts'
import type { Machine } from '../lab/machine.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']
const DEVICES = NAMES.map((name) => `/dev/${name}`).join(' ')

function withArray(level: number): Machine {
  const machine = testMachine()
  setUp(
    machine,
    `${NAMES.map((name) => `disk create ${name} 1280K --pattern 1`).join('\n')}
mdadm --create /dev/md0 --metadata=1.2 --level=${level} --raid-devices=5 --chunk=4 --bitmap=none --force --run ${DEVICES}
settle
mdadm --stop /dev/md0
mdadm --assemble /dev/md0 ${DEVICES}`,
  )
  return machine
}

const status = (machine: Machine, line: string): number => say(machine, line).status

test('what it cannot work with', () => {
  const machine = withArray(6)
  expect(status(machine, 'raid6check /dev/md0 0')).toBe(1)
  expect(status(machine, 'raid6check /dev/md1 0 0')).toBe(2)
  expect(status(machine, 'raid6check /dev/a 0 0')).toBe(9)
  expect(status(withArray(5), 'raid6check /dev/md0 0 0')).toBe(3)
  for (const bad of ['0 x', 'x 0', 'repair 0 7 1', 'repair 0 1 1', 'repair 0 -3 1', 'repair x 0 1']) {
    expect([bad, status(machine, `raid6check /dev/md0 ${bad}`)]).toEqual([bad, 4])
  }
  expect(status(machine, 'raid6check /dev/md0 repair 0 1')).toBe(1)
  setUp(machine, 'mdadm --fail /dev/md0 /dev/c')
  expect(say(machine, 'raid6check /dev/md0 0 0')).toMatchObject({ status: 8, stdout: '' })
})

test('it ends where the members end, also when told to begin beyond', () => {
  const machine = withArray(6)
  expect(say(machine, 'raid6check /dev/md0 63 9')).toMatchObject({ status: 0, stderr: '' })
  expect(say(machine, 'raid6check /dev/md0 64 1').stderr).toBe('')
  expect(say(machine, 'raid6check /dev/md0 65 1').stderr).toContain('start beyond disks size')
})

test('a stripe that lost P and Q is repaired by their names, as its manual says', () => {
  const machine = withArray(6)
  const data = (): string[] =>
    NAMES.map((name) => setUp(machine, `dd if=/dev/${name} of=/tmp/x bs=4k skip=256 iflag=direct\nsha256sum /tmp/x`))
  const before = data()
  // Stripe 0 is left-symmetric: P is on e, Q on a.
  setUp(machine, 'mdadm --stop /dev/md0')
  for (const disk of ['a', 'e'])
    setUp(machine, `dd if=/dev/urandom of=/dev/${disk} bs=4k seek=256 count=1 oflag=direct`)
  setUp(machine, `mdadm --assemble /dev/md0 ${DEVICES}`)
  expect(say(machine, 'raid6check /dev/md0 0 0').stdout).toContain('stripe 0, page 0: disk slot unknown')
  expect(say(machine, 'raid6check /dev/md0 repair 0 -1 -2').stdout).toContain('Repairing D/P(-1) and Q')
  expect(say(machine, 'raid6check /dev/md0 0 0').stdout).not.toContain('Error')
  setUp(machine, 'mdadm --stop /dev/md0')
  expect(data()).toEqual(before)
})

test('a member that cannot be read ends it', () => {
  const machine = withArray(6)
  setUp(machine, 'fault add latent b 2080+8')
  const { status, stderr } = say(machine, 'raid6check /dev/md0 0 0')
  expect(status).toBe(7)
  expect(stderr).toContain('Failed to read complete chunk disk 1')
  expect(say(machine, 'raid6check /dev/md0 5 0')).toMatchObject({ status: 0 })
})
