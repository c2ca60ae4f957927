/** The command line: runs scripts of the lab language on Node, on disk images or in memory. */
import { parseArguments, USAGE } from './arguments.ts'

const parsed = parseArguments(process.argv.slice(2))
if (typeof parsed === 'string') {
  process.stderr.write(`lab: ${parsed}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  // The engine is loaded only when there is something to run.
  const { runFile } = await import('./run_file.ts')
  process.exitCode = runFile(parsed)
}
