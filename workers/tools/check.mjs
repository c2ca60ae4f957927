// npm run check: everything that needs no browser. Words after it choose: format types lint layering tests.
import { ensureInstalled } from './install.mjs'
import { root } from './process.mjs'
import { CHECKS, runChecks, runTests, summarize } from './suite.mjs'

const WORDS = ['format', 'types', 'lint', 'layering', 'tests']

const words = process.argv.slice(2)
const unknown = words.filter((word) => !WORDS.includes(word))
if (unknown.length > 0) {
  console.error(`unknown check ${unknown.join(', ')}: one of ${WORDS.join(', ')}, or nothing for all`)
  process.exit(2)
}
const chosen = new Set(words.length > 0 ? words : WORDS)

await ensureInstalled()
const outcomes = [await runChecks(CHECKS.filter((check) => chosen.has(check.word)))]
if (chosen.has('tests')) outcomes.push(await runTests('unit', [], root))
else if (chosen.has('layering')) outcomes.push(await runTests('unit', ['engine/layering'], root))
process.exit(summarize(outcomes))
