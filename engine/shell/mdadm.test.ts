import { describe, expect, test } from 'vitest'
import { PlainArena } from '../base/arena.ts'
import { say, setUp, testMachine } from '../lab/fixture.ts'
import { hashDisks } from '../lab/hash.ts'
import { Machine } from '../lab/machine.ts'

const DISKS = ['a', 'b', 'c', 'd', 'e']
const CREATE = '--create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64'
const MEMBERS = '/dev/a /dev/b /dev/c /dev/d'

function machineWith(script: string): Machine {
  const machine = testMachine()
  setUp(machine, DISKS.map((name) => `disk create ${name} 4M`).join('\n'))
  setUp(machine, script)
  return machine
}

/** The line of md0 in /proc/mdstat. */
function md0(machine: Machine): string {
  return /^md0 : (.*)$/m.exec(say(machine, 'cat /proc/mdstat').stdout)?.[1] ?? 'none'
}

describe('create', () => {
  test('the last member is rebuilt; all is well afterwards', () => {
    const machine = machineWith(`mdadm ${CREATE} --bitmap=internal --run ${MEMBERS}\nsettle`)
    expect(md0(machine)).toBe('active raid5 d[4] c[2] b[1] a[0]')
    expect(say(machine, 'mdadm --detail /dev/md0').stdout).toMatch(
      /State : clean \n[^]*4 +8 +48 +3 +active sync +\/dev\/d/,
    )
  })

  test('the UUID is from the seed, or the one that is given', () => {
    const uuid = (machine: Machine): string =>
      /UUID : (\S+)/.exec(say(machine, 'mdadm --detail /dev/md0').stdout)?.[1] ?? ''
    const script = `mdadm ${CREATE} --assume-clean --run ${MEMBERS}`
    const first = uuid(machineWith(script))
    expect(uuid(machineWith(script))).toBe(first)
    expect(uuid(machineWith(`${script} --uuid=01234567:89abcdef:01234567:89abcdef`))).not.toBe(first)
  })

  test('a second array over the first has another UUID, and no member of the old one is left', () => {
    const machine = machineWith(`mdadm ${CREATE} --assume-clean --run ${MEMBERS}\nmdadm --stop /dev/md0`)
    const before = say(machine, 'mdadm --examine --brief /dev/a').stdout
    setUp(machine, `mdadm ${CREATE} --assume-clean --run ${MEMBERS}`)
    expect(say(machine, 'mdadm --examine --brief /dev/a').stdout).not.toBe(before)
  })

  test.each([
    [`mdadm ${CREATE} --run /dev/a /dev/b /dev/c /dev/nosuch`, 2],
    [`mdadm ${CREATE} --run /dev/a /dev/b /dev/c`, 1],
    [`mdadm ${CREATE} --run /dev/a /dev/b /dev/c /dev/zero`, 2],
    ['mdadm --create /dev/a --level=5 --raid-devices=2 /dev/b /dev/c', 1],
    ['mdadm --create /dev/home --level=5 --raid-devices=2 /dev/b /dev/c', 1],
    ['mdadm --create /dev/md0 --run --level=5 --raid-devices=2 --size=7 /dev/b /dev/c', 2],
  ])('refused, and nothing is changed: %s', (line, status) => {
    const machine = machineWith('')
    const before = hashDisks(machine)
    const result = say(machine, line)
    expect(result.status).toBe(status)
    expect(result.stderr).toMatch(/^mdadm: /)
    expect(hashDisks(machine)).toEqual(before)
    expect(md0(machine)).toBe('none')
  })
})

describe('assemble', () => {
  const STOPPED = `mdadm ${CREATE} --assume-clean --run ${MEMBERS}\nmdadm --stop /dev/md0`

  test('in any order, and by itself', () => {
    const machine = machineWith(`${STOPPED}\nmdadm --assemble /dev/md0 /dev/d /dev/b /dev/a /dev/c`)
    expect(md0(machine)).toBe('active raid5 a[0] d[3] c[2] b[1]')
    setUp(machine, 'mdadm --stop /dev/md0\nmdadm --assemble --scan')
    expect(md0(machine)).toBe('active raid5 a[0] d[3] c[2] b[1]')
  })

  test('too few, none, another array, no array', () => {
    const machine = machineWith(STOPPED)
    for (const [words, status, stderr] of [
      ['/dev/md0 /dev/a /dev/b', 1, 'not enough to start the array'],
      ['/dev/md0 /dev/a /dev/b /dev/c', 1, 'need all 4 to start it (use --run to insist)'],
      ['/dev/md0 /dev/a /dev/e', 1, '/dev/e has no superblock - assembly aborted'],
      ['/dev/md0 /dev/nosuch', 1, 'assembly aborted'],
      ['/dev/md0', 1, 'not identified'],
      ['/dev/e /dev/a', 1, 'exists but is not an md array'],
    ] as const) {
      const result = say(machine, `mdadm --assemble ${words}`)
      expect(result.status).toBe(status)
      expect(result.stderr).toContain(stderr)
      expect(md0(machine)).toBe('none')
    }
    expect(say(machine, 'mdadm --assemble --run /dev/md0 /dev/a /dev/b /dev/c').stderr).toBe(
      'mdadm: /dev/md0 has been started with 3 drives (out of 4).\n',
    )
    expect(say(machine, 'mdadm --assemble /dev/md1 /dev/a').stderr).toBe('mdadm: /dev/a is busy - skipping\n')
    expect(say(machine, 'mdadm --assemble /dev/md1 /dev/d').stderr).toContain('already active: /dev/md0')
  })

  test('dirty and degraded after a cut: only by force', () => {
    const machine = machineWith(`mdadm ${CREATE} --assume-clean --run ${MEMBERS}\nmdadm --fail /dev/md0 /dev/b`)
    setUp(machine, 'workload start w /dev/md0\nrun 10ms\npower cut\npower on')
    const line = 'mdadm --assemble /dev/md0 /dev/a /dev/c /dev/d'
    expect(say(machine, line).stderr).toContain('while not clean - consider --force')
    expect(say(machine, `${line} --run`).stderr).toContain('failed to RUN_ARRAY /dev/md0: Input/output error')
    expect(say(machine, `${line} --force`).status).toBe(0)
    expect(md0(machine)).toBe('active raid5 a[0] d[3] c[2]')
  })
})

describe('manage', () => {
  const RUNNING = `mdadm ${CREATE} --bitmap=internal --bitmap-chunk=64K --assume-clean --run ${MEMBERS}`

  test('out, and back by the bitmap; out, and another in its place', () => {
    const machine = machineWith(`${RUNNING}\nmdadm /dev/md0 --fail /dev/b --remove /dev/b`)
    expect(md0(machine)).toBe('active raid5 d[3] c[2] a[0]')
    expect(say(machine, 'mdadm /dev/md0 --add /dev/b').stderr).toBe('mdadm: re-added /dev/b\n')
    setUp(machine, 'settle\nmdadm /dev/md0 --fail /dev/c --remove failed --add /dev/e\nsettle')
    expect(md0(machine)).toBe('active raid5 e[4] b[1] d[3] a[0]')
    expect(say(machine, 'mdadm --add /dev/md0 /dev/c').stderr).toBe('mdadm: re-added /dev/c\n')
    expect(md0(machine)).toBe('active raid5 c[2](S) e[4] b[1] d[3] a[0]')
  })

  test('without a bitmap a former member comes back as a spare', () => {
    const machine = machineWith(RUNNING.replace('internal --bitmap-chunk=64K', 'none'))
    setUp(machine, 'mdadm /dev/md0 --fail /dev/b --remove /dev/b')
    expect(say(machine, 'mdadm --re-add /dev/md0 /dev/b').stderr).toContain('is not possible')
    expect(say(machine, 'mdadm --add /dev/md0 /dev/b').stderr).toBe('mdadm: added /dev/b\n')
    setUp(machine, 'settle')
    expect(md0(machine)).toBe('active raid5 b[4] d[3] c[2] a[0]')
  })

  test('a pulled disk, and a blank one in its place', () => {
    const machine = machineWith(
      `${RUNNING}\ndisk pull b\ndd if=/dev/urandom of=/dev/md0 bs=64k count=9 oflag=direct\nsettle`,
    )
    expect(md0(machine)).toBe('active raid5 d[3] c[2] b[1](F) a[0]')
    setUp(machine, 'disk insert b --blank\nmdadm /dev/md0 --add /dev/b\nsettle\nmdadm /dev/md0 --remove /dev/b')
    expect(md0(machine)).toBe('active raid5 b[4] d[3] c[2] a[0]')
    setUp(machine, 'disk pull c\nmdadm /dev/md0 --fail detached --remove detached')
    expect(md0(machine)).toBe('active raid5 b[4] d[3] a[0]')
  })

  test('the second failure is told as busy, and the array has failed', () => {
    const machine = machineWith(`${RUNNING}\nmdadm --fail /dev/md0 /dev/a`)
    expect(say(machine, 'mdadm --fail /dev/md0 /dev/b').status).toBe(2)
    expect(say(machine, 'mdadm --detail /dev/md0').stdout).toContain('State : clean, FAILED')
    expect(say(machine, 'mdadm --add /dev/md0 /dev/e').stderr).toContain('has failed so using --add cannot work')
  })

  test.each([
    ['--remove /dev/a', 1, 'hot remove failed for /dev/a: Device or resource busy'],
    ['--remove /dev/e', 1, 'No such device or address'],
    ['--fail /dev/e', 1, 'No such device'],
    ['--fail /dev/nosuch', 1, 'stat failed for /dev/nosuch'],
    ['--add /dev/a', 1, 'Cannot open /dev/a: Device or resource busy'],
    ['--add failed', 1, 'only meaningful'],
    ['--fail nosuch', 1, 'does not appear to be a component'],
    ['--readonly', 1, 'always writable'],
  ])('refused: %s', (words, status, stderr) => {
    const machine = machineWith(RUNNING)
    const before = md0(machine)
    const result = say(machine, `mdadm --manage /dev/md0 ${words}`)
    expect(result.status).toBe(status)
    expect(result.stderr).toContain(stderr)
    expect(md0(machine)).toBe(before)
  })
})

describe('reports and the rest', () => {
  test('stop: busy while something lies on it or has it open', () => {
    const machine = machineWith(
      `mdadm ${CREATE} --run ${MEMBERS}\nsettle\ndmsetup create v --table '0 64 linear /dev/md0 0'`,
    )
    expect(say(machine, 'mdadm --stop /dev/md0').stderr).toContain('Cannot get exclusive access to /dev/md0')
    setUp(machine, 'dmsetup remove v\nworkload start w /dev/md0 --read 100')
    expect(say(machine, 'mdadm --stop /dev/md0').status).toBe(1)
    setUp(machine, 'workload stop w\nmdadm --stop /dev/md0')
    expect(say(machine, 'mdadm --stop /dev/md0').stderr).toBe(
      'mdadm: error opening /dev/md0: No such file or directory\n',
    )
  })

  test('wait: until the rebuild is over; there is nothing to wait for a second time', () => {
    const machine = machineWith(
      `mdadm ${CREATE} --run ${MEMBERS}\necho 1 > /sys/block/md0/md/sync_speed_max\nmdadm --wait /dev/md0`,
    )
    expect(say(machine, 'cat /proc/mdstat').stdout).toContain('[UUUU]')
    expect(say(machine, 'mdadm --wait /dev/md0').status).toBe(1)
  })

  test('zero-superblock, examine and query', () => {
    const machine = machineWith(`mdadm ${CREATE} --assume-clean --run ${MEMBERS}`)
    expect(say(machine, 'mdadm --zero-superblock /dev/a').status).toBe(2)
    expect(say(machine, 'mdadm /dev/md0').stdout).toMatch(/^\/dev\/md0: 9\.00MiB raid5 4 devices, 0 spares\./)
    setUp(machine, 'mdadm --stop /dev/md0\nmdadm --zero-superblock /dev/a')
    expect(say(machine, 'mdadm --examine /dev/a').stderr).toBe('mdadm: No md superblock detected on /dev/a.\n')
    expect(say(machine, 'mdadm --query /dev/b').stdout).toContain('device 1 in 4 device inactive raid5 array')
    expect(say(machine, 'mdadm -X /dev/b').stderr).toBe("mdadm: /dev/b doesn't have bitmap\n")
    expect(say(machine, 'mdadm --detail /dev/b').stderr).toBe('mdadm: /dev/b does not appear to be an md device\n')
  })

  test('a machine copied in the middle of any mdadm goes on as the original does', () => {
    const machine = machineWith('')
    const script = `mdadm ${CREATE} --bitmap=internal --run ${MEMBERS}
mdadm /dev/md0 --fail /dev/b --remove /dev/b --add /dev/e
mdadm --detail /dev/md0
mdadm --stop /dev/md0
mdadm --assemble --scan`
    machine.type(script)
    const finish = (one: Machine): unknown => {
      while (one.busy) one.run()
      return [one.results.map(({ stdout, stderr, status, at }) => [stdout, stderr, status, at]), hashDisks(one)]
    }
    const kept = []
    for (let events = 40; machine.busy && kept.length < 8; events *= 3) {
      machine.run({ maxEvents: events })
      kept.push(machine.keep())
    }
    const expected = finish(machine)
    for (const one of kept) expect(finish(Machine.wake(one, new PlainArena(32 << 20)))).toEqual(expected)
  })
})
