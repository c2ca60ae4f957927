import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PlainArena } from '../base/arena.ts'
import { copyGraph } from '../base/copy.ts'
import { READ } from '../block/bio.ts'
import { DmFixture } from '../dm/fixture.ts'
import { DONE } from '../sim/procedure.ts'
import type { CommandRun, World } from './command.ts'
import { DMSETUP } from './dmsetup.ts'
import { parseDmsetupOptions } from './dmsetup_options.ts'
import { parse } from './parse.ts'

const folder = dirname(fileURLToPath(import.meta.url))
const goldens = readdirSync(folder).filter((name) => /^dmsetup_.*\.golden\.txt$/.test(name))

/** Four disks of 4 MiB, and as much of a kernel as dmsetup looks at. */
class DmsetupWorld {
  readonly fixture: DmFixture
  private readonly world: World

  constructor() {
    this.fixture = new DmFixture()
    for (const name of ['a', 'b', 'c', 'd']) this.fixture.disk(name, 8192)
    const { sim, devices, dm } = this.fixture
    const tmp = new Map([['table', new TextEncoder().encode('# ten sectors\n\n0 10 zero\n')]])
    this.world = { kernel: { sim, devices, dm, tmp }, lab: { sim } } as unknown as World
  }

  /** @returns standard output, and `-> STATUS` where that is not 0, as the goldens have it; and standard error. */
  run(text: string): { out: string; err: string } {
    const run = this.begin(text)
    this.fixture.drain()
    expect(run.step).toBe(DONE)
    return { out: run.stdout + (run.status === 0 ? '' : `-> ${run.status}\n`), err: run.stderr }
  }

  begin(text: string): CommandRun {
    const [line] = parse(text)
    if (line.kind !== 'command') throw new Error(line.message)
    const run = DMSETUP.begin(this.world, { argv: line.argv, stdin: line.stdin, cause: 0 })
    run.start()
    return run
  }
}

/** Lines with what they printed, from the text of a golden. */
function steps(text: string): { line: string; out: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const marker = /<<'?(\w+)'?/.exec(step.split('\n')[0])?.[1]
      const end = marker === undefined ? step.indexOf('\n') : step.indexOf(`\n${marker}\n`) + marker.length + 1
      return { line: step.slice(0, end), out: step.slice(end + 1) }
    })
}

test('the goldens are there', () => {
  expect(goldens).toHaveLength(6)
})

test.each(goldens)('%s: the same output and the same success as the real one', (golden) => {
  const world = new DmsetupWorld()
  const told = steps(readFileSync(join(folder, golden), 'utf8'))
  expect(told.length).toBeGreaterThan(30)
  for (const { line, out } of told) expect({ line, out: world.run(line).out }).toEqual({ line, out })
})

test('every refusal says what would be right, and nothing is changed by it', () => {
  const world = new DmsetupWorld()
  world.run("dmsetup create x --table '0 10 linear /dev/a 0'")
  const before = world.run('dmsetup info').out
  const refused: [string, RegExp][] = [
    ['dmsetup', /Usage/],
    ['dmsetup creat y', /did you mean create\?/],
    ['dmsetup create y --tabel 1', /did you mean --table\?/],
    ['dmsetup info --noheading --no', /--no may mean --nameprefixes|--no may mean/],
    ['dmsetup create y --table', /--table wants a value/],
    ['dmsetup create x --notable', /there is a device x already/],
    ["dmsetup create y --table '0 10'", /line 1 of the table after --table must be START LENGTH TYPE/],
    ["dmsetup create y --table '0 10 linear /dev/e 0'", /there is no device \/dev\/e/],
    ["dmsetup create y --table '0 10 linear /dev/a 8190'", /it has 8192 sectors/],
    ["dmsetup create y --table '0 10 nothing'", /there are error, linear/],
    ['dmsetup create y /tmp/none', /\/tmp\/none cannot be read/],
    ['dmsetup create y -m 4 --notable', /go together/],
    ['dmsetup suspend y', /there is no mapped device y; there are x/],
    ['dmsetup suspend', /usage: dmsetup suspend/],
    ['dmsetup info -c -o nome', /there is no field nome; there are name,/],
    ['dmsetup ls --tree -o nothing', /a tree knows the options/],
    ['dmsetup message x zero enable', /zero is no sector number/],
    ['dmsetup message x 0 enable', /linear target takes no messages/],
    ['dmsetup rename x a/b', /must not contain \//],
  ]
  for (const [line, words] of refused) {
    const { out, err } = world.run(line)
    expect([line, out]).toEqual([line, '-> 1\n'])
    expect(err).toMatch(words)
  }
  expect(world.run('dmsetup info').out).toBe(before)
})

test('a table may come from a file, from a here-document, or after --table', () => {
  const world = new DmsetupWorld()
  world.run('dmsetup create x /tmp/table')
  world.run("dmsetup create y <<'END'\n0 5 zero\n5 5 error # the rest\nEND")
  world.run("dmsetup create z --table=$'0 5 zero\\n5 7 linear /dev/a 3'")
  expect(world.run('dmsetup table').out).toBe(
    'x: 0 10 zero \ny: 0 5 zero \ny: 5 5 error \nz: 0 5 zero \nz: 5 7 linear 8:0 3\n',
  )
})

test('a command that waits can be copied, and both copies go on alike', () => {
  const world = new DmsetupWorld()
  world.fixture.disk('slow', 1000, 'hdd')
  world.run("dmsetup create x --table '0 10 linear /dev/slow 0'")
  const device = world.fixture.dm.find('x')
  if (device === undefined) throw new Error('no device')
  world.fixture.submit(device, READ, 0, 1, world.fixture.sim.memory.allocate(512))
  const run = world.begin('dmsetup suspend -v x')
  world.fixture.sim.run(Infinity, 1)
  expect(run.step).not.toBe(DONE)
  const { arena } = world.fixture.sim.memory
  const copy = copyGraph({ world, run }, new Map<object, object>([[arena, new PlainArena(arena.bytes.length)]]))
  copy.world.fixture.drain()
  expect(copy.run.stdout).toMatch(/^State: +SUSPENDED$/m)
  expect(run.stdout).toBe('')
  expect(device.suspended).toBe(false)
  world.fixture.drain()
  expect(run.stdout).toBe(copy.run.stdout)
  expect(world.fixture.sim.now).toBe(copy.world.fixture.sim.now)
})

test('names with odd characters are shown as they were given', () => {
  const world = new DmsetupWorld()
  world.run("dmsetup create 'a b' --table '0 1 zero'")
  expect(world.run('dmsetup ls').out).toBe('a b\t(253:0)\n')
  expect(world.fixture.devices.find('/dev/mapper/a\\x20b')).toBeDefined()
  expect(world.run("dmsetup info -c --noheadings -o name,mangled_name 'a b'").out).toBe('a b:a\\x20b\n')
  expect(world.run("dmsetup remove 'a b'").out).toBe('')
})

test('the tree in its several forms', () => {
  const world = new DmsetupWorld()
  world.run("dmsetup create a --table '0 100 linear /dev/a 0'")
  world.run("dmsetup create b --table '0 100 linear /dev/b 0'")
  world.run("dmsetup create c --table '0 100 linear /dev/mapper/a 0'")
  world.run(
    "dmsetup create d --table $'0 50 linear /dev/mapper/a 0\\n50 50 linear /dev/mapper/b 0\\n100 9 linear /dev/mapper/c 0'",
  )
  expect(world.run('dmsetup ls --tree -o blkdevname,nodevice').out).toBe(
    'd <dm-3>\n |-c <dm-2>\n |  `-a <dm-0>\n |     `- <a>\n |-b <dm-1>\n |  `- <b>\n `-a <dm-0>\n    `- <a>\n',
  )
})

test('options may be cut short, put together and stand anywhere', () => {
  const parsed = parseDmsetupOptions(['dmsetup', '-fr', 'remove', '--uu=U', 'x', '-m5', '-j', '253', '--', '-y'])
  if (!parsed.ok) throw new Error(parsed.message)
  expect([parsed.value.verb, parsed.value.words]).toEqual(['remove', ['x', '-y']])
  expect([...parsed.value.given]).toEqual(['force', 'readonly', 'uuid', 'minor', 'major'])
  expect([...parsed.value.values]).toEqual([
    ['uuid', 'U'],
    ['minor', '5'],
    ['major', '253'],
  ])
})
