/** The scripts of the comparison and where their disks come from. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LINUX_COMMANDS } from '../../engine/shell/linux_commands.ts'
import { makeDisks, unpackDisks } from './disks.ts'
import { cutKernel } from './kernel.ts'
import { parseScript } from './script.ts'
import type { Script } from './script.ts'
import type { RunInSimulator } from './simulator.ts'

export const SCRIPTS = fileURLToPath(new URL('../../engine/lab/conformance/', import.meta.url))

/** Scenarios with known outcomes: the kernel is asked about those that need nothing it cannot do. */
export const SCENARIOS = fileURLToPath(new URL('../../engine/lab/scenarios/', import.meta.url))

/** A script that both worlds answer, and the one that made its disks, if another did. */
export interface Case {
  /** Where it lies, and its golden. */
  readonly folder: string
  readonly script: Script
  readonly cut: Script | null
}

/**
 * Reads all cases of a folder, in the order of their names. `NAME.cut.lab` is no case of its own: it makes the disks of
 * `NAME.after.lab` by a power cut.
 * @errors throws if a script can't be read or a pair is not complete
 */
export function readCases(folder: string, pattern: RegExp): Case[] {
  const read = (name: string): Script => parseScript(name, readFileSync(join(folder, `${name}.lab`), 'utf8'))
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.lab'))
    .map((file) => file.slice(0, -'.lab'.length))
    .sort()
  const cases: Case[] = []
  for (const name of names) {
    if (name.endsWith('.cut') || !pattern.test(name)) continue
    const script = read(name)
    if (script.notAsked !== null) continue
    const cut = script.disksFrom === null ? null : read(`${script.disksFrom}.cut`)
    if (cut !== null && cut.cutIn === null) throw new Error(`${cut.name}.lab does not say in which world it is cut`)
    cases.push({ folder, script, cut })
  }
  return cases
}

/** What a shell in the kernel can carry out: its own commands, and three of the lab's. */
const KERNEL_WORDS = new Set([...LINUX_COMMANDS.map(({ name }) => name), 'settle', 'expect', 'disk create'])

/** @returns the first line of a script that the kernel cannot be asked to carry out: a fault, a cut, a rule; null for none */
export function lineBeyondKernel(script: Script): string | null {
  const beyond = script.commands.find(({ text }) => {
    const [first, second] = text.split(/\s+/, 2)
    return !KERNEL_WORDS.has(first!) && !KERNEL_WORDS.has(`${first} ${second}`)
  })
  return beyond?.text ?? null
}

/** Where the images are kept that a power cut in the kernel left; they differ from run to run. */
export function keptImages(folder: string, cut: Script): string {
  return join(folder, `${cut.name}.golden.gz`)
}

/**
 * Puts the disks that a power cut left into a new folder: cut now in the simulator, or kept from the kernel.
 * @returns null, or why they can't be had
 */
export async function cutDisks(
  folder: string,
  cut: Script,
  disksFolder: string,
  simulate: RunInSimulator,
): Promise<string | null> {
  if (cut.cutIn === 'kernel') {
    const kept = keptImages(folder, cut)
    if (!existsSync(kept)) return `the images of ${cut.name} were never recorded`
    unpackDisks(kept, disksFolder)
    return null
  }
  makeDisks(cut.disks, disksFolder)
  return (await simulate(cut, disksFolder)).problem
}

/** Cuts the kernel's power in the middle of a script; the folder then holds what was on the disks. */
export async function cutInKernel(cut: Script, disksFolder: string): Promise<void> {
  makeDisks(cut.disks, disksFolder)
  await cutKernel({ script: cut, disksFolder })
}
