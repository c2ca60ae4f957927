/** The essentials in a real Firefox: first screen, cut, recovery, reload. Its private file system and its worker are its own. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { serveBuilt, type Served } from '../workers/tools/browser.ts'
import { findFirefox } from '../workers/tools/firefox.mjs'
import { Firefox, KEYS, type FirefoxPage } from '../workers/tools/firefox_page.ts'

const inFirefox = test.skipIf(findFirefox() === undefined)

const STAGE = `document.querySelector('.chunk[data-stripe="15"][data-slot="3"]')`
const CLOCK = `document.querySelector('.transport-clock').textContent`
const OUTPUT = `(document.querySelector('[role=log]')?.innerText ?? '')`

let served: Served
let firefox: Firefox
let page: FirefoxPage

beforeAll(async () => {
  if (findFirefox() === undefined) return
  served = await serveBuilt()
  firefox = await Firefox.launch()
})

afterAll(async () => {
  if (findFirefox() === undefined) return
  await firefox.close()
  await served.close()
})

beforeEach(async () => {
  page = await firefox.open()
})

afterEach(async () => {
  await page.close()
  expect(page.mistakes).toEqual([])
})

const said = (text: string): Promise<void> => page.until(`${OUTPUT}.includes(${JSON.stringify(text)})`)

async function visit(): Promise<void> {
  await page.goto(served.url)
  await page.until(STAGE)
  await said('try “help”')
}

/** Types a line, and waits until so many more lines than before begin with what is wanted. */
async function type(line: string, answer: RegExp): Promise<string> {
  const find = async (): Promise<string[]> => String(await page.evaluate(OUTPUT)).match(new RegExp(answer, 'gm')) ?? []
  const before = (await find()).length
  await page.click('textbox', 'Command')
  await page.press(line + KEYS.enter)
  await expect.poll(async () => (await find()).length, { timeout: 240_000 }).toBeGreaterThan(before)
  return (await find()).at(-1) ?? ''
}

/** The hash of the first three chunks, where no workload writes. */
async function sum(): Promise<string> {
  await type('dd if=/dev/md0 of=/tmp/head bs=64k count=3 iflag=direct', /copied/)
  return type('sha256sum /tmp/head', /^[0-9a-f]{64}/)
}

inFirefox('the first screen moves, and can be stopped', async () => {
  await visit()
  for (const name of ['Stack', 'Stage', 'Inspector', 'Timeline']) expect(await page.count('region', name)).toBe(1)
  const first = String(await page.evaluate(CLOCK))
  await page.until(`${CLOCK} !== ${JSON.stringify(first)}`)
  await page.click('button', 'Pause')
  await page.find('button', 'Play')
  await page.click('button', 'Step forward')
  expect(await page.count('button', 'Play')).toBe(1)
  expect(await page.evaluate(`${OUTPUT}.includes('in memory')`)).toBe(false)
})

inFirefox('the power is cut, and the array recovers from its disks alone', async () => {
  await visit()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync', /copied/)
  const before = await sum()
  await page.click('button', 'Cut power')
  await page.find('button', 'Power on')
  await page.find('heading', 'The power is off')
  await page.click('button', 'Power on')
  await said('has been started with 4 drives')
  expect(await sum()).toBe(before)
  await type('cat /proc/mdstat', /\[4\/4\] \[UUUU\]/)
})

inFirefox('a reload is a power cut, and the next visit finds the disks', async () => {
  await visit()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync', /copied/)
  const before = await sum()
  await type('settle', /^settle/)
  await page.reload()
  await page.until(STAGE)
  await said('of your last visit')
  await said('has been started with 4 drives')
  expect(await sum()).toBe(before)
})
