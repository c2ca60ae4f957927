/** echo, true, false, sleep, sync, ls, help. */
import { DONE } from '../sim/procedure.ts'
import { SECOND } from '../sim/sim.ts'
import { CommandRun, InstantCommand, type CommandSpec, type Invocation, type World } from './command.ts'
import { getopt } from './getopt.ts'
import { openFailure } from './line_run.ts'
import { listDirectory, openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { readEscape } from './quote.ts'
import { WriteBack } from './buffered_io.ts'
import { nearestName } from './suggestion.ts'

/** As the echo that is built into bash: options first, escapes only with -e. */
class EchoCommand extends InstantCommand {
  override execute(): void {
    let newline = true
    let escapes = false
    let first = 1
    for (; first < this.argv.length && /^-[neE]+$/.test(this.argv[first]); first++) {
      for (const letter of this.argv[first].slice(1)) {
        if (letter === 'n') newline = false
        else escapes = letter === 'e'
      }
    }
    const text = this.argv.slice(first).join(' ')
    if (escapes) newline = this.printEscaped(text) && newline
    else this.stdout += text
    if (newline) this.stdout += '\n'
  }

  /** @returns false when `\c` ended the output. */
  private printEscaped(text: string): boolean {
    for (let at = 0; at < text.length;) {
      if (text[at] !== '\\') {
        this.stdout += text[at++]
        continue
      }
      const escape = readEscape(text, at + 1, 'echo')
      if (escape.stop) return false
      this.stdout += escape.text
      at = escape.end
    }
    return true
  }
}

class TrueCommand extends InstantCommand {
  override execute(): void {}
}

class FalseCommand extends InstantCommand {
  override execute(): void {
    this.status = 1
  }
}

const SLEEP_UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }

class SleepRun extends CommandRun {
  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'sleep')
  }

  override steps() {
    return SLEEP_STEPS
  }
}

const SLEEP_STEPS = {
  sleep: (run: SleepRun): string => {
    const words = run.argv.slice(1)
    if (words.length === 0) return run.refuse('missing operand; a time in seconds is wanted')
    let seconds = 0
    for (const word of words) {
      const match = /^(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?([smhd]?)$/.exec(word)
      if (match === null) {
        return run.refuse(`invalid time interval '${word}'; seconds are wanted, or a number with s, m, h or d`)
      }
      seconds += Number(match[1] + (match[2] === undefined ? '' : `e${match[2]}`)) * SLEEP_UNITS[match[3]]
    }
    const time = Math.round(seconds * SECOND)
    if (!Number.isSafeInteger(run.sim.now + time)) return run.refuse(`${words.join(' ')} is longer than the clock goes`)
    run.sleep(time)
    return DONE
  },
}

/**
 * Without files: every dirty page is written to its device, no device is flushed. With files: fsync of each.
 * @source ksys_sync and sync_bdevs, fs/sync.c and block/bdev.c, 6.1
 */
class SyncRun extends CommandRun {
  private paths: readonly string[]
  private next: number
  private file: OpenFile | null
  private io: FileIo | null

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.paths = []
    this.next = 0
    this.file = null
    this.io = null
  }

  override steps() {
    return SYNC_STEPS
  }

  begin(): string {
    const options = getopt(this.argv, 'df', { data: 'd', 'file-system': 'f' })
    if (!options.ok) return this.refuse(options.message)
    const { given, words } = options.value
    if (given.some(({ name }) => name === 'd') && words.length === 0)
      return this.refuse('--data needs at least one file')
    if (words.length === 0 || given.some(({ name }) => name === 'f')) {
      for (const cache of this.world.kernel.pageCaches.dirty()) this.call(new WriteBack(cache, 0, this.cause))
      return DONE
    }
    this.paths = words
    return 'open'
  }

  open(): string {
    const path = this.paths[this.next]
    if (path === undefined) return DONE
    const file = openFile(this.world.kernel, path, {}, this.cause)
    if (!file.ok) {
      this.next++
      this.refuse(`error opening '${path}': ${openFailure(file, path)}`)
      return 'open'
    }
    this.file = file.value
    this.io = file.value.sync()
    this.call(this.io)
    return 'close'
  }

  close(): string {
    if (this.io !== null && this.io.error !== null)
      this.refuse(`error syncing '${this.paths[this.next]}': ${this.io.reason()}`)
    if (this.file !== null) this.call(this.file.close())
    this.next++
    return 'open'
  }
}

const SYNC_STEPS = {
  begin: (run: SyncRun) => run.begin(),
  open: (run: SyncRun) => run.open(),
  close: (run: SyncRun) => run.close(),
}

class LsCommand extends InstantCommand {
  override execute(): void {
    const options = getopt(this.argv, '1a')
    if (!options.ok) return void this.refuse(options.message, 2)
    const paths = options.value.words.length === 0 ? ['/'] : options.value.words
    const lists: string[] = []
    for (const path of [...paths].sort()) {
      const names = listDirectory(this.world.kernel, path)
      if (names !== null) {
        lists.push((paths.length > 1 ? `${path}:\n` : '') + names.map((name) => name + '\n').join(''))
        continue
      }
      const file = openFile(this.world.kernel, path, {}, this.cause)
      if (file.ok) {
        this.print(path)
        file.value.close().resume()
      } else this.refuse(`cannot access '${path}': ${openFailure(file, path)}`, 2)
    }
    this.stdout += (this.stdout !== '' && lists.length > 0 ? '\n' : '') + lists.join('\n')
  }
}

class HelpCommand extends InstantCommand {
  override execute(): void {
    const { specs } = this.world.shell.registry
    const [, name, ...rest] = this.argv
    if (rest.length > 0) return void this.refuse('one command, or none for all of them')
    if (name !== undefined) {
      const spec = specs.get(name)
      if (spec === undefined) {
        const near = nearestName(name, [...specs.keys()])
        return void this.refuse(`no command ${name}${near === null ? '' : `; did you mean ${near}?`}`)
      }
      this.print(`${spec.name} ${spec.usage}`.trimEnd())
      this.print(`    ${spec.summary}`)
      return
    }
    const all = [...specs.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const width = Math.max(...all.map((spec) => spec.name.length))
    for (const [family, title] of [
      ['linux', 'Linux commands, as in a root shell:'],
      ['lab', 'Lab commands, for what no shell can do:'],
    ]) {
      this.print(title)
      for (const spec of all) if (spec.family === family) this.print(`  ${spec.name.padEnd(width)}  ${spec.summary}`)
    }
    this.print('help COMMAND shows its arguments.')
  }
}

export const SMALL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'echo',
    family: 'linux',
    usage: '[-neE] [WORD]...',
    summary: 'Prints words.',
    begin: (world, invocation) => new EchoCommand(world, invocation),
  },
  {
    name: 'true',
    family: 'linux',
    usage: '',
    summary: 'Succeeds.',
    begin: (world, invocation) => new TrueCommand(world, invocation),
  },
  {
    name: 'false',
    family: 'linux',
    usage: '',
    summary: 'Fails.',
    begin: (world, invocation) => new FalseCommand(world, invocation),
  },
  {
    name: 'sleep',
    family: 'linux',
    usage: 'NUMBER[smhd]...',
    summary: 'Waits so many seconds of virtual time (or minutes, hours, days).',
    begin: (world, invocation) => new SleepRun(world, invocation),
  },
  {
    name: 'sync',
    family: 'linux',
    usage: '[-d] [FILE]...',
    summary: "Writes dirty pages to the disks; with a file, flushes the disks' own caches, too.",
    begin: (world, invocation) => new SyncRun(world, invocation),
  },
  {
    name: 'ls',
    family: 'linux',
    usage: '[DIRECTORY]...',
    summary: 'Lists the names in a directory.',
    begin: (world, invocation) => new LsCommand(world, invocation),
  },
  {
    name: 'help',
    family: 'lab',
    usage: '[COMMAND]',
    summary: 'Lists the commands, or shows the arguments of one.',
    begin: (world, invocation) => new HelpCommand(world, invocation),
  },
]
