import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { ScriptRun } from './script_run.ts'
import { TestWorld, TOOLS } from './test_world.ts'

function world(extra: readonly CommandSpec[] = []): TestWorld {
  const made = new TestWorld([...TOOLS, ...extra])
  made.addDisk('a', 1 << 20)
  made.addDisk('b', 1 << 20)
  return made
}

test('a result tells what the line did, and when', () => {
  const made = world()
  const [echo, sleep, last] = made.run('echo one\nsleep 1.5; cat /tmp/none')
  expect(echo).toMatchObject({
    command: 'echo one',
    argv0: 'echo',
    family: 'linux',
    stdout: 'one\n',
    stderr: '',
    status: 0,
  })
  expect(sleep).toMatchObject({ command: 'sleep 1.5', begun: 0, at: 1_500_000_000, source: 'typed' })
  expect(last).toMatchObject({ status: 1, stderr: 'cat: /tmp/none: No such file or directory\n' })
  expect(made.sim.causes[last.cause]).toBe('cat /tmp/none')
})

test('the machine returns when a command has ended, and nothing else has happened by then', () => {
  const made = world()
  made.type('dd if=/dev/zero of=/dev/a bs=64k oflag=direct status=none\nsleep 1')
  while (made.shell.results.length === 0) expect(made.deliver(1000)).toBeGreaterThan(0)
  expect(made.shell.results.length).toBe(1)
  expect(made.shell.busy).toBe(true)
  expect(made.shell.line?.line.text).toBe('sleep 1')
})

test('lines that cannot be read, and commands that are not known', () => {
  const made = world()
  const results = made.run('echo a | cat\nsha25sum /dev/a\nxyzzyplugh\necho after')
  expect(results.map(({ status }) => status)).toEqual([2, 127, 127, 0])
  expect(results[0].stderr).toBe(
    'shell: line 1, column 8: this shell has no pipes (|); write to a file below /tmp and read that\n',
  )
  expect(results[1].stderr).toBe('sha25sum: command not found; did you mean sha256sum?\n')
  expect(results[2].stderr).toBe('xyzzyplugh: command not found; help lists the commands\n')
})

test('every bio names the line that it comes from, and the trace its begin and end', () => {
  const made = world()
  const [{ cause }] = made.run('dd if=/dev/a of=/dev/b bs=4k count=2 status=none')
  const rows = made.traced()
  expect(rows[0]).toMatchObject({ event: 'command_begin', command: cause })
  expect(rows.at(-1)).toMatchObject({ event: 'command_end', command: cause, status: 0 })
  expect(rows.filter(({ event }) => event === 'bio_submit').length).toBeGreaterThan(1)
})

test('outputs go to files; a file that cannot be opened keeps the command from running', () => {
  const made = world()
  made.run('echo one > /tmp/x; echo two >> /tmp/x; cat /tmp/none 2> /tmp/e; cat /tmp/none 2>> /tmp/e > /tmp/o')
  expect(made.run('cat /tmp/x')[0].stdout).toBe('one\ntwo\n')
  expect(made.run('cat /tmp/e')[0].stdout).toBe('cat: /tmp/none: No such file or directory\n'.repeat(2))
  const [refused] = made.run('dd if=/tmp/x of=/tmp/y > /tmp/no/dir')
  expect(refused).toMatchObject({ status: 1, stderr: 'shell: /tmp/no/dir: No such file or directory\n' })
  expect(made.run('cat /tmp/y')[0].status).toBe(1)
  expect(made.run('echo x > /etc/passwd')[0].stderr).toMatch(/Read-only file system; files can be made below \/tmp/)
  expect(made.run('echo x > passwd')[0].stderr).toMatch(/files here are below/)
  expect(made.run('echo 3 > /proc/sys/vm/drop_caches')[0].status).toBe(0)
  expect(made.run('echo x > /proc/sys/vm/drop_caches')[0].stderr).toMatch(/^echo: write error: Invalid argument/)
  expect(made.run('echo x > /proc/partitions')[0].status).toBe(1)
})

test('files of /proc and /sys', () => {
  const made = world()
  expect(made.run('cat /proc/partitions')[0].stdout).toBe(
    'major minor  #blocks  name\n\n   8        0       1024 a\n   8       16       1024 b\n',
  )
  expect(made.run('cat /sys/block/b/size /sys/block/b/ro /sys/block/b/dev')[0].stdout).toBe('2048\n0\n8:16\n')
  made.run('dd if=/dev/zero of=/dev/a bs=4k count=3 oflag=direct')
  expect(made.run('cat /sys/block/a/stat')[0].stdout.split(/ +/).slice(1, 8)).toEqual([
    '0',
    '0',
    '0',
    '0',
    '3',
    '0',
    '24',
  ])
  expect(made.run('ls /sys/block /dev')[0].stdout).toBe(
    '/dev:\na\nb\nfull\nmapper\nnull\nrandom\nurandom\nzero\n\n/sys/block:\na\nb\n',
  )
  expect(made.run('cat /sys/block')[0].stderr).toBe('cat: /sys/block: Is a directory\n')
  expect(made.run('cat /proc/mdstat')[0].status).toBe(0)
})

test('the power goes: the line under way fails, later Linux lines fail, the lab goes on', () => {
  const made = world()
  made.type('echo done\ndd if=/dev/zero of=/dev/a bs=4k oflag=direct\necho never\nhelp true\n')
  while (made.shell.results.length === 0) made.deliver(10)
  made.deliver(50)
  made.cutPower()
  made.runWhileBusy()
  const [done, cut, never, help] = made.shell.results
  expect(done.status).toBe(0)
  expect(cut).toMatchObject({ status: 1, stdout: '', stderr: 'dd: the power failed\n' })
  expect(never).toMatchObject({ status: 1, stdout: '', stderr: 'echo: the power is off; power on switches it on\n' })
  expect(help.status).toBe(0)
  made.power.on = true
  expect(made.run('echo again')[0].status).toBe(0)
})

class StepRun extends CommandRun {
  override steps() {
    return STEP_STEPS
  }
}

const STEP_STEPS = {
  begin: (run: StepRun): string => {
    run.world.shell.awaitStep(run.sim.steps + Number(run.argv[1]), run)
    return 'end'
  },
  end: (run: StepRun): string => {
    run.print(String(run.sim.steps))
    return DONE
  },
}

const STEP: CommandSpec = {
  name: 'step',
  family: 'lab',
  usage: 'N',
  summary: 'For this test.',
  begin: (world: World, invocation: Invocation) => new StepRun(world, invocation, 'begin'),
}

const SCRIPT: CommandSpec = {
  name: 'script',
  family: 'lab',
  usage: '',
  summary: 'For this test.',
  begin: (world: World, invocation: Invocation) => new ScriptRun(world, invocation, invocation.stdin ?? ''),
}

test('a command that waits for a step is woken at it, or when nothing more will happen', () => {
  const made = world([STEP])
  expect(made.run('step 5')[0].stdout).toBe('0\n')
  expect(made.shell.stepTarget).toBe(Infinity)
})

test('a script within a command: every line runs, the first failure is the status', () => {
  const made = world([SCRIPT])
  const [result] = made.run(
    "script <<'END'\necho one\ncat /tmp/none\nfalse\nsleep 2; echo two > /tmp/x; cat /tmp/x\nEND",
  )
  expect(result).toMatchObject({
    stdout: 'one\ntwo\n',
    stderr: 'cat: /tmp/none: No such file or directory\n',
    status: 1,
  })
  expect(result.at).toBe(2_000_000_000)
})

const STORY = `
dd if=/dev/urandom of=/dev/a bs=100k conv=fsync
dd if=/dev/a of=/dev/b bs=12345
sha256sum /dev/a /dev/b
md5sum /dev/a > /tmp/sum
hexdump -C -n 4096 -s 5000 /dev/b
cmp /dev/a /dev/b
dd if=/dev/urandom of=/dev/b bs=512 seek=3 count=77 oflag=direct,dsync
cmp -l -n 3000 /dev/a /dev/b
sync /dev/b
blkdiscard -z -o 64K -l 64K /dev/a
cat /tmp/sum /proc/partitions
sleep 1
`

test('a machine copied between any two events goes on as the original does', () => {
  const chance = new Chance(21, 'copies')
  const whole = world()
  whole.run(STORY)
  const total = whole.sim.delivered
  for (let round = 0; round < 12; round++) {
    const original = world()
    original.type(STORY)
    for (let left = chance.below(total); left > 0;) left -= Math.max(1, original.deliver(left))
    const copy = original.copy()
    copy.runWhileBusy()
    original.runWhileBusy()
    for (const made of [original, copy]) {
      expect(made.shell.results).toEqual(whole.shell.results)
      expect(Buffer.compare(made.contents('b'), whole.contents('b'))).toBe(0)
    }
  }
})

test('commands give back all the memory they take', () => {
  const made = world()
  made.run(STORY)
  made.run('dd bs=4k if=/tmp/none\ndd if=/dev/a of=/tmp/no/dir\ncmp /dev/a /tmp/none\ndd if=/dev/a of=/dev/b seek=9999')
  made.run('dd if=/dev/zero of=/dev/a bs=1M oflag=direct; dd if=/dev/zero of=/dev/b bs=1M oflag=direct')
  made.run('sync /dev/a /dev/b')
  expect(made.sim.memory.usedPages).toBe(0)
})
