// npm test: installs, then runs every check and every test, the last ones in a real Chromium and a real Firefox.
// Words after it (npm test -- bitmap) run only the tests of the files whose path holds one of them.
import { getChromium } from './chromium.mjs'
import { getFirefox } from './firefox.mjs'
import { ensureInstalled } from './install.mjs'
import { root } from './process.mjs'
import { CHECKS, runChecks, runTests, summarize } from './suite.mjs'

const filters = process.argv.slice(2)

await ensureInstalled()
const chromium = await getChromium()
const firefox = await getFirefox()
if (firefox) process.env.BLOCKSCOPE_FIREFOX = firefox
const outcomes = []
if (filters.length === 0) outcomes.push(await runChecks(CHECKS))
outcomes.push(await runTests('unit', filters, root))
if (chromium) {
  process.env.BLOCKSCOPE_CHROMIUM = chromium
  outcomes.push(await runTests('e2e', filters, root))
} else {
  outcomes.push({ passed: 0, failed: ['e2e tests: no Chromium to run them in (see above)'], skipped: [] })
}
if (filters.length > 0) {
  const count = outcomes.reduce((sum, { passed, failed, skipped }) => sum + passed + failed.length + skipped.length, 0)
  if (count === 0) outcomes.push({ passed: 0, failed: [`no test file matches ${filters.join(' ')}`], skipped: [] })
}
process.exit(summarize(outcomes))
