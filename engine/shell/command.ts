/**
 * Commands: what a line of the lab language runs. A running command is a procedure like any other: it can be copied with the
 * machine in the middle, and its step and locals can be shown.
 */
import { SHARED } from '../base/copy.ts'
import { STRERROR, type Errno } from '../base/errno.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { Kernel } from './kernel.ts'
import type { LabHost } from './lab_host.ts'
import type { Shell } from './shell.ts'

/** What a command was called with. */
export interface Invocation {
  readonly argv: readonly string[]
  /** A here-document's text, if the line had one. */
  readonly stdin: string | null
  /** The file that `<` named, if it did; where that file is a text, `stdin` has it. */
  readonly stdinPath?: string | undefined
  /** Index into `sim.causes`: every bio of the command carries it. */
  readonly cause: number
}

/** Linux commands behave as in a root shell; lab commands do what no shell can, and look different on the page. */
export type Family = 'linux' | 'lab'

/** The entry of a command in the registry: its name, what `help` says, and how to begin one. */
export interface CommandSpec {
  readonly name: string
  readonly family: Family
  /** Arguments in the usual notation, for `help` and for refusals. */
  readonly usage: string
  /** One sentence. */
  readonly summary: string
  /** Whether such a call does not wait for the command under way: who cuts the power does so at once. No when left out. */
  interjects?(argv: readonly string[]): boolean
  begin(world: World, invocation: Invocation): CommandRun
}

/** What commands work on: the running kernel (a new one after every cut), and the lab around it. The machine is one. */
export interface World {
  readonly kernel: Kernel
  readonly lab: LabHost
  readonly shell: Shell
}

export abstract class CommandRun extends Procedure {
  readonly world: World
  readonly argv: readonly string[]
  readonly stdin: string | null
  readonly cause: number
  stdout: string
  stderr: string
  /** Exit status, 0 for success. */
  status: number

  constructor(world: World, invocation: Invocation, firstStep: string) {
    super(world.lab.sim, firstStep)
    this.world = world
    this.argv = invocation.argv
    this.stdin = invocation.stdin
    this.cause = invocation.cause
    this.stdout = ''
    this.stderr = ''
    this.status = 0
  }

  print(line: string): void {
    this.stdout += line + '\n'
  }

  /** Says on stderr what went wrong and what would be right; the command ends with this status. */
  refuse(message: string, status = 1): typeof DONE {
    this.stderr += `${this.argv[0]}: ${message}\n`
    this.status = status
    return DONE
  }

  refuseErrno(what: string, errno: Errno, status = 1): typeof DONE {
    return this.refuse(`${what}: ${STRERROR[errno]}`, status)
  }
}

/** A command that is over at once: most of those that only print or set something. */
export abstract class InstantCommand extends CommandRun {
  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'all')
  }

  abstract execute(): void

  override steps() {
    return INSTANT_STEPS
  }
}

const INSTANT_STEPS = {
  all: (command: InstantCommand): string => {
    command.execute()
    return DONE
  },
}

/**
 * Every command by name. Adding one touches its own file and one line where the registry is made. A registry is code, shared by all
 * machines: it may learn more, but only before anybody types what it did not know.
 */
export class CommandRegistry {
  readonly [SHARED] = true
  private readonly known: Map<string, CommandSpec>

  constructor(specs: readonly CommandSpec[]) {
    this.known = new Map()
    this.learn(specs)
  }

  get specs(): ReadonlyMap<string, CommandSpec> {
    return this.known
  }

  /** Adds commands; one of a known name takes the place of that. */
  learn(specs: readonly CommandSpec[]): void {
    for (const spec of specs) this.known.set(spec.name, spec)
  }
}
