/** What of `veritysetup` the comparison with Debian's does not see: exit statuses, chance, files. The statuses were asked of 2.6.1. */
import { describe, expect, test } from 'vitest'
import { say, setUp, testMachine } from '../lab/fixture.ts'
import type { Machine } from '../lab/machine.ts'

const SET_UP = `disk create a 1M
disk create b 128K
dd if=/dev/urandom of=/dev/a bs=1M count=1 oflag=direct
veritysetup format /dev/a /dev/b --root-hash-file /tmp/root`

function machineWith(script = SET_UP, seed = 1): Machine {
  const machine = testMachine({ seed })
  setUp(machine, script)
  return machine
}

describe('exit statuses', () => {
  const machine = machineWith()
  setUp(machine, 'dd if=/dev/zero of=/dev/a bs=512 seek=100 count=1 oflag=direct conv=fsync')
  test.each([
    ['veritysetup verify /dev/a /dev/b --root-hash-file /tmp/root', 2, 'Verification failed at position 49152.'],
    ['veritysetup verify /dev/a /dev/b 00', 1, 'Invalid root hash string'],
    ['veritysetup dump /dev/a', 1, 'not a valid VERITY device'],
    ['veritysetup dump /dev/none', 4, 'does not exist'],
    ['veritysetup close v', 4, 'not active'],
    ['veritysetup status v', 4, ''],
    ['veritysetup format /dev/a /dev/b --foo', 1, 'unrecognized'],
    ['veritysetup format /dev/a /dev/b --fec-device /dev/b', 1, 'not simulated'],
  ])('%s', (line, status, text) => {
    const result = say(machine, line)
    expect(result.status).toBe(status)
    expect(result.stderr).toContain(text)
  })

  test('a name or a device that is taken', () => {
    const other = machineWith()
    const open = 'veritysetup open /dev/a v /dev/b --root-hash-file /tmp/root'
    setUp(other, open)
    expect(say(other, open).status).toBe(5)
    expect(say(other, open.replace(' v ', ' w ')).status).toBe(5)
    setUp(other, `dmsetup create l --readonly --table '0 8 linear /dev/mapper/v 0'`)
    expect(say(other, 'veritysetup close v').status).toBe(5)
  })

  test('a root hash that is another one', () => {
    const other = machineWith()
    const root = '0'.repeat(64)
    expect(say(other, `veritysetup verify /dev/a /dev/b ${root}`)).toMatchObject({
      status: 1,
      stderr: 'Verification of root hash failed.\n',
    })
  })
})

test('salt and UUID are from the seed, and others for another seed', () => {
  const dump = (seed: number): string => say(machineWith(SET_UP, seed), 'veritysetup dump /dev/b').stdout
  expect(dump(1)).toBe(dump(1))
  const [one, other] = [dump(1), dump(2)]
  expect(one).toMatch(/^UUID: +\t[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/m)
  expect(one).toMatch(/^Salt: +\t[0-9a-f]{64}$/m)
  const salt = (text: string): string => /Salt: +\t(\w+)/.exec(text)?.[1] ?? ''
  expect(salt(one)).not.toBe(salt(other))
})

test('files in /tmp have trees, too, but cannot be opened', () => {
  const machine = machineWith()
  setUp(
    machine,
    `dd if=/dev/a of=/tmp/d bs=4k count=100
veritysetup format /tmp/d /tmp/h --root-hash-file /tmp/r
veritysetup dump /tmp/h
veritysetup verify /tmp/d /tmp/h --root-hash-file /tmp/r`,
  )
  expect(say(machine, 'veritysetup open /tmp/d v /tmp/h --root-hash-file /tmp/r').stderr).toContain('no device')
  expect(say(machine, 'veritysetup verify /tmp/d /tmp/h --root-hash-file /tmp/none').stderr).toContain('Cannot read')
})

test('help tells of every action', () => {
  const { stdout, status } = say(machineWith(), 'veritysetup --help')
  expect(status).toBe(0)
  for (const action of ['format', 'verify', 'open', 'close', 'status', 'dump']) expect(stdout).toContain(`  ${action} `)
})
