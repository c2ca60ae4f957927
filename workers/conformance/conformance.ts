/**
 * The command line of the comparison with the real kernel: `npm run conformance -- [--only PATTERN] [--all] [--record] [--recut]`,
 * or `npm run conformance -- --fuzz N [--seed S] [--only PATTERN]`.
 *
 * Every script is run in the simulator and compared with what the kernel said (its golden). The kernel itself is asked again for
 * scripts that changed or have no golden, and for a sample that rotates with the commits; `--all` asks it about everything,
 * `--record` writes its answers down, `--recut` does that after cutting its power anew. What can't be asked is counted as
 * skipped, by name. `--fuzz` makes N random scripts from a seed (the commit's, if none is given) and asks both worlds about them,
 * which needs no golden; what differs is reduced and written into a folder `fuzz_found`. The last line says `N passed, M failed`; the exit status is 0 only if M is 0.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFuzz, type FuzzOptions } from './fuzz.ts'
import { askKernel, lacksTool, whyNoKernel } from './kernel.ts'
import { runConformance } from './run.ts'
import type { Options, Tally } from './run.ts'
import { Simulator, type RunInSimulator } from './simulator.ts'
import { SCENARIOS, SCRIPTS } from './suite.ts'

/** What the words ask for: the scripts of the suite, or random ones. */
export type Request =
  { readonly kind: 'suite'; readonly options: Options } | { readonly kind: 'fuzz'; readonly options: FuzzOptions }

export const USAGE = `npm run conformance -- [--only PATTERN] [--all] [--record] [--recut]
  --only PATTERN   the scripts with such a name
  --all            the kernel is asked about all of them, not only about what changed and a sample
  --record         its answers are written down
  --recut          its power is cut anew, too
npm run conformance -- --fuzz N [--seed S] [--only PATTERN]
  --fuzz N         N random scripts in both worlds; what differs is reduced and written into the folder fuzz_found
  --seed S         whose they are: the same seed gives the same scripts`

/**
 * Reads the words after the command.
 * @errors throws an Error that says what is wrong with a word
 */
export function parseOptions(words: readonly string[], sampleKey: string): Request {
  let only = /./
  let all = false
  let record = false
  let recut = false
  let cases: number | null = null
  let seed: number | null = null
  const left = [...words]
  const value = (word: string, pattern: RegExp): string => {
    const text = left.shift()
    if (text === undefined || !pattern.test(text)) throw new Error(`"${word}" wants ${WANTED[word]!}\n${USAGE}`)
    return text
  }
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--all') all = true
    else if (word === '--record') record = true
    else if (word === '--recut') record = recut = true
    else if (word === '--only') only = new RegExp(value(word, /./))
    else if (word === '--fuzz') cases = Number(value(word, /^[1-9]\d{0,5}$/))
    else if (word === '--seed') seed = Number(value(word, /^\d{1,9}$/))
    else throw new Error(`"${word}" is unknown\n${USAGE}`)
  }
  if (cases === null && seed !== null) throw new Error('"--seed" goes with "--fuzz"')
  if (cases !== null && (all || record)) throw new Error('"--fuzz" goes with "--seed" and "--only" alone')
  if (cases === null) return { kind: 'suite', options: { only, all, record, recut, sampleKey } }
  return { kind: 'fuzz', options: { cases, seed: seed ?? seedOf(sampleKey), only } }
}

const WANTED: Readonly<Record<string, string>> = {
  '--only': 'a pattern',
  '--fuzz': 'a number of cases',
  '--seed': 'a number of up to nine digits',
}

/** A seed for a key, so that each commit asks about other cases. */
function seedOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32LE(0) % 1_000_000
}

/** The commit the sources stand at, so that each one asks the kernel about other scripts. */
function commit(): string {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'no commit'
  }
}

async function main(): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  const words = process.argv.slice(2)
  if (words.includes('--help')) return say(USAGE)
  const request = parseOptions(words, commit())
  const { passed, failed, skipped } = await (request.kind === 'suite'
    ? runConformance(request.options, {
        folder: SCRIPTS,
        scenarios: SCENARIOS,
        simulate: betweenTurns(new Simulator()),
        ask: askKernel,
        lacksTool,
        whyNoKernel,
        say,
      })
    : fuzz(request.options, say))
  for (const name of skipped) say(`skip  ${name}`)
  say(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** One script between two turns of whatever else goes on in this process: it talks to the kernel meanwhile. */
function betweenTurns(simulator: Simulator): RunInSimulator {
  return async (script, disksFolder) => {
    await new Promise((resolve) => setImmediate(resolve))
    return simulator.run(script, disksFolder)
  }
}

async function fuzz(options: FuzzOptions, say: (line: string) => void): Promise<Tally> {
  const reason = whyNoKernel()
  if (reason !== null) return { passed: 0, failed: 0, skipped: [`${options.cases} random scripts (${reason})`] }
  const here = new Simulator()
  const found = join(process.cwd(), 'fuzz_found')
  return await runFuzz(options, { ask: askKernel, simulate: (script, disks) => here.run(script, disks), found, say })
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  })
}
