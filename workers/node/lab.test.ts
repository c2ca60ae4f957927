import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

const project = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = mkdtempSync(join(tmpdir(), 'lab-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function lab(argv: readonly string[], input = ''): Ran {
  const command = ['--import', 'tsx', join(project, 'workers/node/lab.ts'), ...argv]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: project, input, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** One object a command. */
function results(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('npm run lab', () => {
  test('echoes each command with its output', () => {
    const { status, stdout, stderr } = lab(['run', '-'], 'disk create sda 1M # one\n\ndisk list; true\n')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe('# disk create sda 1M\n# disk list\nsda 8:0 1M ideal in place\n# true\n')
  })

  test('goes back in time, on files that get the bytes of that moment back', () => {
    const disks = join(folder, 'back')
    const make = `disk create sda 64K\nworkload start w /dev/sda --sync --rate 1000\n`
    const { status, stdout, stderr } = lab(
      ['run', '-', '--disks', disks],
      `${make}step 30\nstep --back 10\nseek 12\nworkload list\nworkload stop w\nsha256sum /dev/sda`,
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const straight = lab(['run', '-'], `${make}seek 12\nworkload list\nworkload stop w\nsha256sum /dev/sda`)
    expect(stdout.slice(stdout.indexOf('# workload list'))).toBe(
      straight.stdout.slice(straight.stdout.indexOf('# workload list')),
    )
    expect(stdout).toContain(sha256(join(disks, 'sda.img')))
  })

  test('--json: one object per command, nothing else on standard output', () => {
    const script = `disk create sda 1M
dd if=/dev/zero of=/dev/sda bs=4k count=2 oflag=direct
boot set <<'END'
true
END
nonsense
sleep 1`
    const { status, stdout } = lab(['run', '-', '--json', '--keep-going'], script)
    expect(status).toBe(1)
    const objects = results(stdout)
    for (const object of objects) expect(Object.keys(object)).toEqual(['command', 'stdout', 'stderr', 'status', 'at'])
    expect(objects.map((object) => [object.command, object.status])).toEqual([
      ['disk create sda 1M', 0],
      ['dd if=/dev/zero of=/dev/sda bs=4k count=2 oflag=direct', 0],
      [expect.stringContaining('boot set'), 0],
      ['nonsense', 127],
      ['sleep 1', 0],
    ])
    expect(objects[1]).toMatchObject({ stdout: '', stderr: expect.stringContaining('2+0 records out') as string })
    expect(objects[4].at).toBeGreaterThanOrEqual(1e9)
  })

  test('stops at the first command that fails', () => {
    const { status, stdout } = lab(['run', '-', '--json'], 'true; false; true\ntrue')
    expect(status).toBe(1)
    expect(results(stdout).map((object) => object.command)).toEqual(['true', 'false'])
  })

  test('images: those that exist are attached in the order of their names, others are made', () => {
    const images = join(folder, 'images')
    const script = 'disk create z 64K\ndd if=/dev/urandom of=/dev/z bs=4k count=16\ndisk create a 64K'
    expect(lab(['run', '-', '--disks', images, '--seed', '3'], script).status).toBe(0)
    expect(readdirSync(images).sort()).toEqual(['a.img', 'z.img'])
    const listed = lab(['run', '-', '--disks', images], 'disk list\nsha256sum /dev/z\ndd if=/dev/z of=/dev/a bs=64K')
    expect(listed.stdout).toContain('a 8:0 64K ideal in place\nz 8:16 64K ideal in place\n')
    expect(listed.stdout).toContain(`${sha256(join(images, 'z.img'))}  /dev/z`)
    expect(sha256(join(images, 'a.img'))).toBe(sha256(join(images, 'z.img')))
    expect(readFileSync(join(images, 'z.img')).every((byte) => byte === 0)).toBe(false)
  })

  test('caches are flushed at the end, unless the power is off', () => {
    const script = 'disk create sda 64K\ndd if=/dev/urandom of=/dev/sda bs=4k count=1 oflag=direct'
    const on = join(folder, 'on')
    const off = join(folder, 'off')
    expect(lab(['run', '-', '--disks', on], script).status).toBe(0)
    expect(lab(['run', '-', '--disks', off], `${script}\npower cut --keep none`).status).toBe(0)
    expect(readFileSync(join(on, 'sda.img')).some((byte) => byte !== 0)).toBe(true)
    expect(readFileSync(join(off, 'sda.img')).every((byte) => byte === 0)).toBe(true)
  })

  test('the boot script stays with the disks', () => {
    const disks = join(folder, 'boot')
    lab(['run', '-', '--disks', disks], "boot set <<'END'\necho booted\nEND")
    expect(lab(['run', '-', '--disks', disks], 'power cut\npower on').stdout).toContain('booted\n')
    lab(['run', '-', '--disks', disks], "boot set <<'END'\nEND")
    expect(existsSync(join(disks, 'boot.lab'))).toBe(false)
  })

  test('the same seed gives the same bytes and the same trace, in memory and on files', () => {
    const file = join(folder, 'seeded.lab')
    writeFileSync(file, 'seed 9\ndisk create sda 64K\nworkload start w /dev/sda --depth 4\nrun 1ms\nsha256sum /dev/sda')
    const traces = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl'), join(folder, 'three.jsonl')]
    const one = lab(['run', file, '--trace', traces[0]])
    const two = lab(['run', file, '--trace', traces[1], '--disks', join(folder, 'seeded')])
    const three = lab(['run', file, '--trace', traces[2], '--seed', '10'])
    expect(one.status).toBe(0)
    expect(two.stdout).toBe(one.stdout)
    expect(sha256(traces[1])).toBe(sha256(traces[0]))
    expect(three.stdout).not.toBe(one.stdout)
    const rows = readFileSync(traces[0], 'utf8').trimEnd().split('\n')
    expect(rows.length).toBeGreaterThan(1000)
    for (const row of rows)
      expect(JSON.parse(row)).toMatchObject({
        at: expect.any(Number) as number,
        event: expect.stringMatching(/^(?!lost)/) as string,
      })
  })

  test('a command that can never return is reported', () => {
    const script = 'disk create sda 64K\nfault add hang sda\ndd if=/dev/sda of=/dev/null count=1'
    const { status, stderr } = lab(['run', '-'], script)
    expect(status).toBe(1)
    expect(stderr).toContain('dd: never returns: nothing is left to happen\n')
    expect(results(lab(['run', '-', '--json'], script).stdout).pop()).toMatchObject({
      command: 'dd if=/dev/sda of=/dev/null count=1',
      stderr: 'dd: never returns: nothing is left to happen\n',
      status: 1,
    })
  })

  test('wrong arguments: usage on standard error, status 2', () => {
    const { status, stdout, stderr } = lab(['run'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('usage: npm run -s lab -- run FILE')
    expect(lab(['run', join(folder, 'missing.lab')])).toMatchObject({ status: 2, stdout: '' })
  })
})
