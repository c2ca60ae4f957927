import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { cache, runPackage } from './process.mjs'

/**
 * What a part of the suite came to. The failed and the skipped are named.
 * @typedef {{ passed: number, failed: string[], skipped: string[] }} Outcome
 */

/** The checks that need no test runner: name, file below node_modules, arguments. */
export const CHECKS = [
  ...['engine', 'workers', 'node', 'tests', 'app'].map((project) => ({
    name: `types of ${project}`,
    word: 'types',
    file: 'typescript/bin/tsc',
    args: ['-p', `tsconfig.${project}.json`, '--pretty', 'false'],
  })),
  {
    name: 'lint',
    word: 'lint',
    file: 'eslint/bin/eslint.js',
    args: ['--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0', '.'],
  },
  {
    name: 'format',
    word: 'format',
    file: 'prettier/bin/prettier.cjs',
    args: ['--check', '--cache', '--cache-location', 'node_modules/.cache/prettier/cache', '.'],
  },
]

/**
 * Runs checks, as many at a time as there are processors, and shows what the failing ones say.
 * @param {typeof CHECKS} checks
 * @returns {Promise<Outcome>}
 */
export async function runChecks(checks) {
  /** @type {Outcome} */
  const outcome = { passed: 0, failed: [], skipped: [] }
  const waiting = [...checks]
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { status, output } = await runPackage(check.file, check.args, { quiet: true })
      console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${check.name}`)
      if (status === 0) outcome.passed++
      else {
        outcome.failed.push(check.name)
        console.log(output)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane))
  return outcome
}

/**
 * Counts what a report of Vitest (its json reporter) says. A file that broke before or after its tests is one failure more.
 * @param {{ testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} report
 * @param {string} folder the project's, left out of the names
 * @returns {Outcome}
 */
export function countReport(report, folder) {
  /** @type {Outcome} */
  const outcome = { passed: 0, failed: [], skipped: [] }
  for (const file of report.testResults) {
    const place = file.name.replaceAll('\\', '/').replace(`${folder.replaceAll('\\', '/')}/`, '')
    for (const { status, fullName } of file.assertionResults) {
      const name = `${place}: ${fullName.trim()}`
      if (status === 'passed') outcome.passed++
      else if (status === 'failed') outcome.failed.push(name)
      else outcome.skipped.push(name)
    }
    const isExplained = file.assertionResults.some((test) => test.status === 'failed')
    if (file.status === 'failed' && !isExplained) outcome.failed.push(`${place}: the file itself`)
  }
  return outcome
}

/**
 * Runs the tests of a Vitest project.
 * @param {'unit' | 'e2e'} project
 * @param {string[]} filters as on Vitest's command line
 * @param {string} folder the project's
 * @returns {Promise<Outcome>}
 */
export async function runTests(project, filters, folder) {
  const file = join(cache, `${project}.json`)
  mkdirSync(cache, { recursive: true })
  rmSync(file, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const args = ['run', '--project', project, '--passWithNoTests', ...reporters, ...filters]
  const { status } = await runPackage('vitest/vitest.mjs', args)
  let outcome
  try {
    outcome = countReport(JSON.parse(readFileSync(file, 'utf8')), folder)
  } catch {
    return { passed: 0, failed: [`${project} tests: the runner died`], skipped: [] }
  }
  // An error outside any test (a rejection nobody awaited) fails the run but stands in no test's record.
  if (status !== 0 && outcome.failed.length === 0) outcome.failed.push(`${project} tests: errors outside the tests`)
  return outcome
}

/**
 * Prints the names of what failed and was skipped, and the counts as the last line.
 * @param {Outcome[]} outcomes
 * @returns {number} the exit status
 */
export function summarize(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  if (skipped.length > 0) console.log(['', 'Skipped:', ...skipped].join('\n  '))
  if (failed.length > 0) console.log(['', 'Failed:', ...failed].join('\n  '))
  console.log(`\n${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
  return failed.length === 0 ? 0 : 1
}
