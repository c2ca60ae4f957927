/** For tests: machines in memory, and lines typed into them. */
import { PlainArena } from '../base/arena.ts'
import type { CommandResult } from '../shell/shell.ts'
import { Machine, type MachineOptions } from './machine.ts'
import { splitScript, typeLine } from './script.ts'

export function testArena(megabytes = 32): PlainArena {
  return new PlainArena(megabytes << 20)
}

export function testMachine(options: Partial<MachineOptions> = {}): Machine {
  return new Machine({ seed: 1, arena: testArena(), ...options })
}

/** Types a text and carries it out. @returns the last result. @errors throws when it never returns. */
export function say(machine: Machine, text: string): CommandResult {
  const stuck = typeLine(machine, text)
  if (stuck !== null) throw new Error(`${text}: ${stuck}`)
  return machine.results[machine.results.length - 1]
}

/** Carries out a script of which every command must succeed. @returns everything it printed. */
export function setUp(machine: Machine, script: string): string {
  let printed = ''
  for (const line of splitScript(script)) {
    const { status, stdout, stderr } = say(machine, line)
    if (status !== 0) throw new Error(`${line}: status ${status}: ${stderr}`)
    printed += stdout
  }
  return printed
}
