/**
 * The command line of the comparison with the real kernel: `npm run conformance -- [--only PATTERN] [--all] [--record] [--recut]`.
 *
 * Every script is run in the simulator and compared with what the kernel said (its golden). The kernel itself is asked again for
 * scripts that changed or have no golden, and for a sample that rotates with the commits; `--all` asks it about everything,
 * `--record` writes its answers down, `--recut` does that after cutting its power anew. What can't be asked is counted as
 * skipped, by name. The last line says `N passed, M failed`; the exit status is 0 only if M is 0.
 */
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { askKernel, whyNoKernel } from './kernel.ts'
import { runConformance } from './run.ts'
import type { Options } from './run.ts'
import { runInSimulator } from './simulator.ts'
import { SCENARIOS, SCRIPTS } from './suite.ts'

/**
 * Reads the words after the command.
 * @errors throws an Error that says what is wrong with a word
 */
export function parseOptions(words: readonly string[], sampleKey: string): Options {
  let only = /./
  let all = false
  let record = false
  let recut = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--all') all = true
    else if (word === '--record') record = true
    else if (word === '--recut') record = recut = true
    else if (word === '--only' && words[i + 1] !== undefined) only = new RegExp(words[++i]!)
    else throw new Error(`"${word}" is unknown; there are --only PATTERN, --all, --record and --recut`)
  }
  return { only, all, record, recut, sampleKey }
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
  const options = parseOptions(process.argv.slice(2), commit())
  const around = { folder: SCRIPTS, scenarios: SCENARIOS, simulate: runInSimulator, ask: askKernel, whyNoKernel, say }
  const { passed, failed, skipped } = await runConformance(options, around)
  for (const name of skipped) say(`skip  ${name}`)
  say(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  process.exitCode = failed === 0 ? 0 : 1
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  })
}
