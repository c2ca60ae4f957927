import { expect, test } from 'vitest'
import { settleDown, stateHash, testSession } from './history_fixture.ts'
import type { Session } from './session.ts'
import { isLook } from './session_look.ts'

const WORK = `disk create sda 1280K --model ssd
disk create sdb 1280K --model ssd
disk create sdc 1280K --model ssd
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=16 --bitmap=internal --assume-clean --run /dev/sda /dev/sdb /dev/sdc
dmsetup create lin --table '0 128 linear /dev/sdc 2048'
fault add slow sda 2
workload start w /dev/md0 --depth 4 --read 30`

const LOOKS = [
  'cat /proc/mdstat',
  'cat /sys/block/md0/md/array_state /sys/block/md0/md/degraded',
  'dmsetup status; dmsetup table lin',
  'dmsetup info -c',
  'mdadm --detail /dev/md0',
  'fault list',
  'disk list',
  'workload list',
  'boot show',
  'rules',
  'blockdev --getsize64 /dev/md0',
  'help',
]

function atWork(): Session {
  const session = testSession()
  for (const line of WORK.split('\n')) {
    session.type(line)
    settleDown(session)
  }
  while (session.sim.steps < 2000) session.run({ untilStep: 2000, maxEvents: 500 })
  return session
}

function lookAt(session: Session, line: string): string {
  const from = session.said.length
  session.type(line)
  const said = session.said.slice(from)
  expect(said.map(({ command }) => command).join('; ')).toBe(line)
  expect(said.every(({ ended }) => ended === Infinity)).toBe(true)
  return said.map(({ stdout, stderr }) => stdout + stderr).join('')
}

/** What the lines say where they are really typed. */
function enter(session: Session, line: string): string {
  session.enter(line)
  settleDown(session)
  const results = session.machine.results.slice(-line.split('; ').length)
  return results.map(({ stdout, stderr }) => stdout + stderr).join('')
}

test('a line that only looks at the past says what it would have said then, and nothing happens', () => {
  const session = atWork()
  session.type('disk pull sdb')
  settleDown(session)
  session.type('fault lift 1')
  const words = new Map<string, string>()
  const go = (): void => {
    session.seek(1100)
    session.arrive()
  }
  go()
  const before = stateHash(session.machine)
  for (const line of LOOKS) {
    words.set(line, lookAt(session, line))
    expect([session.isLive, session.busy, session.branches().length]).toEqual([false, false, 1])
    expect(stateHash(session.machine), line).toBe(before)
  }
  expect(words.get('cat /proc/mdstat')).toContain('[3/3] [UUU]')
  expect(words.get('fault list')).toBe('1 slow sda 2 times\n')
  expect(words.get('disk list')).not.toContain('pulled')
  for (const line of LOOKS) {
    expect(enter(session, line), line).toBe(words.get(line))
    session.switchTo('branch 1')
    go()
  }
})

test('with the power off it says so', () => {
  const session = atWork()
  session.type('power cut')
  session.type('power on')
  session.stepBack(1)
  session.arrive()
  expect(lookAt(session, 'cat /proc/mdstat')).toContain('active raid5')
  session.nextNotable(['power'])
  session.arrive()
  expect(session.machine.powerOn).toBe(false)
  expect(lookAt(session, 'cat /proc/mdstat')).toContain('the power is off')
  expect(lookAt(session, 'disk list')).toContain('sda')
})

test.each([
  ['cat /proc/mdstat > /tmp/x', false],
  ['cat /dev/md0', false],
  ['dmsetup remove lin', false],
  ['fault list; fault add slow sda 2', false],
  ['mdadm --examine /dev/sda', false],
  ['blockdev --flushbufs /dev/sda', false],
  ['rules a b', false],
  ['', false],
  ['constructor', false],
  ['fault list; disk list # both', true],
  ['blockdev --getsz /dev/md0', true],
])('%j only looks: %s', (text, is) => {
  expect(isLook(text)).toBe(is)
})
