/** The same lines here and in a real shell: real_tools.golden is what Debian 12's own tools printed (see real_tools.sh). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { textOfBytes } from './text_bytes.ts'
import { TestWorld } from './test_world.ts'

interface Answer {
  readonly command: string
  readonly stdout: string
  readonly status: number
}

/** The golden's entries; a command may have several lines, its output ends at `-> status`. */
function answers(commands: readonly string[]): Answer[] {
  const golden = textOfBytes(readFileSync(new URL('real_tools.golden', import.meta.url)))
  let at = 0
  return commands.map((command) => {
    const head = `$ ${command}\n`
    expect(golden.slice(at, at + head.length)).toBe(head)
    at += head.length
    const end = /(^|\n)-> (\d+)\n/g
    end.lastIndex = at - 1
    const match = end.exec(golden) as RegExpExecArray
    const stdout = golden.slice(at, match.index + 1).replace('\n\\ no newline at the end\n', '')
    at = end.lastIndex
    return { command, stdout, status: Number(match[2]) }
  })
}

function script(): string[] {
  const commands: string[] = []
  let open = false
  for (const line of readFileSync(new URL('real_tools.lab', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')) {
    if (!open && line.startsWith('#')) continue
    if (open) commands[commands.length - 1] += '\n' + line
    else commands.push(line)
    open = open ? line.trim() !== 'END' : line.includes('<<')
  }
  return commands
}

test('every command prints what the real tools print, and succeeds where they do', () => {
  const world = new TestWorld()
  world.addDisk('a', 1 << 20)
  world.addDisk('b', 1050112)
  world.addDisk('c', 65536)
  const wanted = answers(script())
  const given = wanted.map(({ command }): Answer => {
    const results = world.run(command)
    expect(results.length).toBe(1)
    const [{ stdout, stderr, status }] = results
    const silent = status !== 0 && stdout + stderr === ''
    if (silent) expect(command).toMatch(/^false|^cmp -s/)
    return { command, stdout, status }
  })
  expect(given).toEqual(wanted)
  expect(wanted.length).toBeGreaterThan(150)
  expect(world.kernel.pageCaches.dirty()).toEqual([])
  expect(world.kernel.devices.all().map(({ openers }) => openers)).toEqual([0, 0, 0])
})
