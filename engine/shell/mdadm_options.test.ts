import { describe, expect, test } from 'vitest'
import { isCreate, parseMdadm } from './mdadm_options.ts'

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')

function request(line: string) {
  const parsed = parseMdadm(words(line))
  if (!parsed.ok) throw new Error(parsed.stderr)
  return parsed.request
}

function refusal(line: string): { status: number; stderr: string } {
  const parsed = parseMdadm(words(line))
  if (parsed.ok) throw new Error(`${line} was accepted`)
  return parsed
}

describe('modes', () => {
  test.each([
    ['--assemble /dev/md0 /dev/a', 'assemble'],
    ['-AfR /dev/md0 /dev/a', 'assemble'],
    ['--assem /dev/md0 /dev/a', 'assemble'],
    ['--fail /dev/md0 /dev/a', 'manage'],
    ['/dev/md0 --fail /dev/a', 'manage'],
    ['/dev/md0 -f /dev/a', 'manage'],
    ['--manage /dev/md0 --stop', 'manage'],
    ['--stop /dev/md0', 'misc'],
    ['-D /dev/md0', 'misc'],
    ['-E --scan', 'misc'],
    ['/dev/md0', 'misc'],
  ])('%s is for %s', (line, mode) => {
    expect(request(line).mode).toBe(mode)
  })

  test('-f forces when assembling and fails a member when managing', () => {
    expect([...request('-Af /dev/md0 /dev/a').given]).toEqual(['force'])
    expect(request('/dev/md0 -f /dev/a').devices[1]).toEqual({ name: '/dev/a', action: 'fail' })
  })

  test('each device has the action that stands before it', () => {
    expect(request('/dev/md0 --fail /dev/a /dev/b --remove /dev/a --add /dev/c').devices.slice(1)).toEqual([
      { name: '/dev/a', action: 'fail' },
      { name: '/dev/b', action: 'fail' },
      { name: '/dev/a', action: 'remove' },
      { name: '/dev/c', action: 'add' },
    ])
  })

  test('a device alone is asked what it is', () => {
    expect(request('/dev/md0').devices).toEqual([{ name: '/dev/md0', action: 'query' }])
  })

  test('-r takes the next word for its value, as in mdadm 4.2, and says so', () => {
    const { devices, warning } = request('/dev/md0 -f /dev/a -r /dev/a')
    expect(devices).toHaveLength(2)
    expect(warning).toContain('say --remove /dev/a')
  })

  test('create is left to its own reader', () => {
    for (const line of ['--create /dev/md0', '-C /dev/md0', '/dev/md0 --create', '--cre /dev/md0']) {
      expect(isCreate(words(line))).toBe(true)
    }
    expect(isCreate(words('--assemble /dev/md0 --create'))).toBe(false)
  })
})

// The words and the status are those of mdadm 4.2.
describe('refusals', () => {
  test.each([
    ['', 2, /^Usage/],
    ['--bogus', 2, /unrecognized option '--bogus'/],
    ['--grow /dev/md0', 2, /--grow is not simulated/],
    ['--force', 2, /does not set the mode/],
    ['/dev/md0 /dev/a', 2, /An option must be given to set the mode/],
    ['/dev/md0 --detail', 2, /No action given for \/dev\/md0/],
    ['--detail --assemble /dev/md0', 2, /would set mdadm mode to "assemble", but it is already set to "misc"/],
    ['--manage /dev/md0 /dev/a', 2, /Must give one of -a\/-r\/-f/],
    ['--assemble', 2, /an md device must be given/],
    ['--assemble --uuid=short /dev/md0', 2, /Bad uuid: short/],
    ['--assemble --metadata=0.90 /dev/md0', 2, /unrecognised metadata identifier/],
    ['--action=bogus /dev/md0', 2, /action must be one of idle, frozen, check, repair/],
    ['--examine -D /dev/a', 2, /--examine\/-E cannot be given with/],
    ['--detail=yes /dev/md0', 2, /doesn't allow an argument/],
    ['--assemble /dev/md0 --uuid', 2, /requires an argument/],
    ['-Z', 2, /invalid option/],
    ['--version', 0, /^mdadm - v4\.2/],
  ])('%s', (line, status, stderr) => {
    const end = refusal(line)
    expect(end.status).toBe(status)
    expect(end.stderr).toMatch(stderr)
  })
})
