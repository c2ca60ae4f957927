import { describe, expect, test } from 'vitest'
import { ctimeText } from './ctime_text.ts'
import { checkCreate, type CreateWord } from './mdadm_create_check.ts'
import { parseCreate } from './mdadm_create_options.ts'
import golden from './mdadm_create.golden.json' with { type: 'json' }
import { formatUuid, humanSize, parseUuid } from './mdadm_names.ts'

interface Case {
  readonly words: string
  readonly status: number
  readonly stderr: readonly string[]
  readonly after?: string
}

/** Words as a shell splits them; only single quotes occur. */
function split(line: string): string[] {
  return (line.match(/(?:[^\s']+|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''))
}

const SECTORS: Readonly<Record<string, number>> = golden.sectors

function deviceOf(name: string, after: string | undefined): CreateWord {
  const base = name.slice('/dev/'.length)
  const sectors = SECTORS[base] ?? 0
  if (name.toLowerCase() === 'missing') return 'missing'
  if (name === '/etc/passwd' || name === '/dev/zero') return { name, sectors, state: 'no block device' }
  if (!(base in SECTORS)) return { name, sectors, state: 'absent' }
  const member = after !== undefined && ['d0', 'd1', 'd2'].includes(base)
  const previous = member ? { previous: { level: 5, raidDevices: 3, ctimeSeconds: 0 } } : {}
  return { name, sectors, state: member && after.endsWith('runs') ? 'busy' : 'free', ...previous }
}

function ours({ words, after }: Case): { status: number; stderr: string } {
  const request = parseCreate(split(words))
  if (!request.ok) return request
  const verdict = checkCreate(
    request.options,
    request.names.slice(1).map((name) => deviceOf(name, after)),
  )
  if (!verdict.ok) return verdict
  const chosen = request.metadataGiven ? '' : 'mdadm: Defaulting to version 1.2 metadata\n'
  return { status: 0, stderr: `${verdict.stderr}${chosen}mdadm: array ${request.names[0]} started.\n` }
}

describe('mdadm --create answers as mdadm 4.2 does', () => {
  test.each(golden.cases as Case[])('$words', (one) => {
    const { status, stderr } = ours(one)
    const lines = stderr
      .replace(/\n$/, '')
      .replace(/ctime=.*/g, 'ctime=DATE')
      .split('\n')
    expect({ status, stderr: lines }).toEqual({ status: one.status, stderr: one.stderr })
  })

  test('a refusal by the kernel leaves the superblocks on the disks', () => {
    const request = parseCreate(
      split('--create /dev/md0 --level=5 --raid-devices=3 --chunk=12 /dev/d0 /dev/d1 /dev/d2'),
    )
    if (!request.ok) throw new Error(request.stderr)
    const words = request.names.slice(1).map((name) => deviceOf(name, undefined))
    expect(checkCreate(request.options, words)).toMatchObject({ ok: false, written: true })
  })
})

test('a uuid is read with any separators and written in four groups', () => {
  const uuid = parseUuid('00112233-44556677.8899AABB ccddeeff')
  expect(uuid && formatUuid(uuid)).toBe('00112233:44556677:8899aabb:ccddeeff')
  expect(parseUuid('0011')).toBeUndefined()
})

test('dates are those of ctime', () => {
  expect(ctimeText(0)).toBe('Thu Jan  1 00:00:00 1970')
  expect(ctimeText(1795155819)).toBe('Fri Nov 20 06:23:39 2026')
  for (let day = 0; day < 60_000; day += 13) {
    const [weekday, month, dayOfMonth, clock, year] = ctimeText(day * 86400 + 3661).split(/ +/)
    const theirs = new Date((day * 86400 + 3661) * 1000).toUTCString().replace(',', '').split(' ')
    expect([weekday, dayOfMonth?.padStart(2, '0'), month, year, clock, 'GMT']).toEqual(theirs)
  }
})

test('sizes in brackets are in binary and decimal units', () => {
  expect(humanSize(5000 * 1024 - 1)).toBe('')
  expect(humanSize(6144 * 1024)).toBe(' (6.00 MiB 6.29 MB)')
  expect(humanSize(200 * 1024 ** 3)).toBe(' (200.00 GiB 214.75 GB)')
})
