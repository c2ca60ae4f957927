/** `rules`, `seed`, `explore`, `compare`: what a script says about itself. */
import { InstantCommand, type CommandSpec } from '../shell/command.ts'
import { labOf } from './lab.ts'
import { LINUX, RULES } from './rules.ts'
import { parseCount } from './units.ts'

class RulesCommand extends InstantCommand {
  override execute(): void {
    const [, name, value, ...rest] = this.argv
    const { rules } = this.world.lab
    if (name === undefined) {
      for (const rule of RULES) this.print(`${rule.name} ${rules.get(rule.name) ?? rule.values[0]}: ${rule.summary}`)
      if (RULES.length === 0) this.print(`no rules: everything here is as in ${LINUX}`)
      return
    }
    const rule = RULES.find((candidate) => candidate.name === name)
    if (rule === undefined) {
      const names = RULES.length === 0 ? 'none' : RULES.map((candidate) => candidate.name).join(', ')
      return void this.refuse(`no rule ${name}; there are ${names}`)
    }
    if (value === undefined || rest.length > 0 || !rule.values.includes(value)) {
      return void this.refuse(`usage: rules ${name} ${rule.values.join('|')}`)
    }
    rules.set(name, value)
  }
}

class SeedCommand extends InstantCommand {
  override execute(): void {
    const seed = parseCount(this.argv[1] ?? '', 0, 0xffffffff)
    if (this.argv.length !== 2 || !seed.ok) return void this.refuse('usage: seed N, a whole number below 2^32')
    const done = labOf(this.world).reseed(seed.value)
    if (!done.ok) this.refuse(done.message)
  }
}

class ExploreCommand extends InstantCommand {
  override execute(): void {
    const known = this.argv[1] === 'begin' || this.argv[1] === 'end'
    if (!known || this.argv.length > 2) this.refuse('usage: explore begin|end')
  }
}

/** A pair carries it out itself; what comes here has nobody to put a machine beside this one. */
class CompareCommand extends InstantCommand {
  override execute(): void {
    this.refuse('there is no second machine here: a page has one, and so has a script that is run with its past')
  }
}

export const SESSION_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'rules',
    family: 'lab',
    usage: '[NAME VALUE]',
    summary: 'Shows or sets where Linux 6.1 and the documents differ; takes effect at the next activation.',
    begin: (world, invocation) => new RulesCommand(world, invocation),
  },
  {
    name: 'seed',
    family: 'lab',
    usage: 'N',
    summary: 'Chooses the seed of all chance; only on the first line.',
    begin: (world, invocation) => new SeedCommand(world, invocation),
  },
  {
    name: 'compare',
    family: 'lab',
    usage: '[--OPTION=VALUE … | [--line N] COMMAND | off]',
    summary: 'Puts a machine beside this one on which one line was another; alone, tells how the two differ.',
    begin: (world, invocation) => new CompareCommand(world, invocation),
  },
  {
    name: 'explore',
    family: 'lab',
    usage: 'begin|end',
    summary: 'Marks the part of a script that crash exploration cuts; does nothing otherwise.',
    begin: (world, invocation) => new ExploreCommand(world, invocation),
  },
]
