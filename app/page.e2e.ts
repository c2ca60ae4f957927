/** The page in a real Chromium, with the real machine in its worker and its disks in the browser's file system. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launch, serveBuilt, type Browser, type Served } from '../workers/tools/browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Of a navigation, in milliseconds. */
const MOVING_WITHIN = 3000
const WIDE = { width: 1440, height: 900 }

let served: Served
let browser: Browser
let page: Page
let mistakes: string[]

beforeAll(async () => {
  served = await serveBuilt()
})

afterAll(() => served.close())

beforeEach(async () => {
  browser = await launch()
  page = await openPage()
})

afterEach(async () => {
  await browser.close()
})

async function openPage(): Promise<Page> {
  const opened = await browser.context.newPage()
  await opened.setViewportSize(WIDE)
  mistakes = []
  opened.on('pageerror', (error) => mistakes.push(error.message))
  opened.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text())
  })
  return opened
}

const button = (name: string) => page.getByRole('button', { name })
const output = () => page.getByRole('log', { name: 'Console output' })
const clock = () => page.locator('.transport-clock').innerText()

/** Goes to the page and waits until its first machine, or the found one, is at work. */
async function visit(): Promise<void> {
  await page.goto(served.url)
  await button('Pause').waitFor()
  await page.locator('[data-stripe="15"][data-slot="3"]').waitFor()
  await output().getByText('try “help”').waitFor()
}

/** Types a line, and waits until its answer stands in the console. */
async function type(line: string, answer?: string | RegExp): Promise<void> {
  await page.getByRole('textbox', { name: 'Command' }).fill(line)
  await page.keyboard.press('Enter')
  await output().getByText(line, { exact: true }).last().waitFor()
  if (answer !== undefined) await output().getByText(answer).last().waitFor()
}

/** As fast as it can. */
async function atFullSpeed(): Promise<void> {
  const slider = page.getByRole('slider', { name: 'Speed' })
  await slider.fill((await slider.getAttribute('max')) ?? '')
}

/** Waits until a command says what is wanted; asks again and again. */
async function ask(line: string, answer: RegExp, patience = 60_000): Promise<void> {
  const end = Date.now() + patience
  for (;;) {
    const before = await output().locator('.line').count()
    await type(line)
    await expect.poll(() => output().locator('.line').count(), { timeout: 20_000 }).toBeGreaterThan(before + 1)
    const lines = await output().locator('.line').allInnerTexts()
    if (answer.test(lines.slice(lines.lastIndexOf(line)).join('\n'))) return
    if (Date.now() > end) throw new Error(`${line} never said ${answer}: ${lines.slice(-12).join('\n')}`)
    await page.waitForTimeout(200)
  }
}

/** Parity fits everywhere: a check finds nothing. */
async function expectConsistent(): Promise<void> {
  await type('settle')
  await type('echo check > /sys/block/md0/md/sync_action')
  await type('settle')
  await ask('cat /sys/block/md0/md/sync_action', /\nidle/)
  await ask('cat /sys/block/md0/md/mismatch_cnt', /\n0$/)
}

test('something moves within three seconds', async () => {
  const from = Date.now()
  await page.goto(served.url, { waitUntil: 'commit' })
  await page.locator('[data-stripe="15"][data-slot="3"]').waitFor()
  const first = await clock()
  await expect.poll(clock, { interval: 20 }).not.toBe(first)
  const took = Date.now() - from
  expect(took).toBeLessThan(MOVING_WITHIN)
  expect(mistakes).toEqual([])
})

test('everything has the name by which it is found', async () => {
  await visit()
  for (const name of ['Cut power', 'Pause', 'Step forward']) expect(await button(name).count()).toBe(1)
  for (const name of ['Stack', 'Stage', 'Inspector', 'Timeline']) {
    expect(await page.getByRole('region', { name }).count()).toBe(1)
  }
  expect(await page.getByRole('textbox', { name: 'Command' }).count()).toBe(1)
  expect(await output().count()).toBe(1)
  await button('Pause').click()
  await button('Play').waitFor()
  const before = await page.evaluate(() => document.querySelector('.transport-clock')?.textContent)
  await button('Step forward').click()
  await expect.poll(() => page.evaluate(() => document.querySelector('.transport-clock')?.textContent)).not.toBe(before)
  expect(await button('Play').count()).toBe(1)
})

test('the power is cut, and the array recovers from its disks alone', async () => {
  await visit()
  await button('Cut power').click()
  await button('Power on').waitFor()
  await output().getByText('power cut', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'The power is off' }).waitFor()
  expect(await button('Cut power').count()).toBe(0)
  expect(await button('Step forward').getAttribute('aria-disabled')).toBe('true')
  await button('Power on').click()
  await output().getByText('has been started with 4 drives').waitFor()
  await button('Cut power').waitFor()
  await atFullSpeed()
  await expectConsistent()
  await ask('cat /proc/mdstat', /\[4\/4\] \[UUUU\]/)
  expect(mistakes).toEqual([])
})

test('a reload in the middle of a write is a power cut, and the next visit recovers', async () => {
  await visit()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct', 'copied')
  await type('dd if=/dev/md0 of=/tmp/before bs=64k count=3 iflag=direct', 'copied')
  await type('sha256sum /tmp/before', /^[0-9a-f]{64}/)
  const hash = /[0-9a-f]{64}/.exec(await output().innerText())?.[0] ?? 'none'
  await type('settle')
  await button('Pause').click()
  await button('Play').waitFor()
  await page
    .getByRole('textbox', { name: 'Command' })
    .fill('dd if=/dev/urandom of=/dev/md0 bs=64k seek=4 count=12 oflag=direct')
  await page.keyboard.press('Enter')
  for (let i = 0; i < 9; i++) await button('Step forward').click()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await output().getByText('has been started with 4 drives').waitFor()
  await button('Pause').waitFor()
  await atFullSpeed()
  await expectConsistent()
  await type('dd if=/dev/md0 of=/tmp/after bs=64k count=3 iflag=direct', 'copied')
  await type('sha256sum /tmp/after', hash)
  expect(mistakes).toEqual([])
})

test('a disk is pulled, written around, replaced and rebuilt', async () => {
  await visit()
  await page.getByRole('region', { name: 'Stack' }).getByRole('button', { name: 'What can be done to sdb' }).click()
  await page.getByRole('menuitem', { name: 'Pull it' }).click()
  await output().getByText('disk pull sdb', { exact: true }).waitFor()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=5 oflag=direct', 'copied')
  await page.getByRole('region', { name: 'Stage' }).getByText('[U_UU]').waitFor()
  await type('dd if=/dev/md0 of=/tmp/before bs=64k count=5 iflag=direct', 'copied')
  await type('sha256sum /tmp/before', /^[0-9a-f]{64}/)
  const hash = /[0-9a-f]{64}/.exec(await output().innerText())?.[0] ?? 'none'
  await type('disk insert sdb --blank')
  await type('mdadm /dev/md0 --remove /dev/sdb')
  await type('mdadm /dev/md0 --add /dev/sdb', 'added')
  await atFullSpeed()
  await ask('cat /proc/mdstat', /\[4\/4\] \[UUUU\]/)
  await page.getByRole('region', { name: 'Stage' }).getByText('[UUUU]').waitFor()
  await expectConsistent()
  await type('mdadm /dev/md0 --fail /dev/sda')
  await type('dd if=/dev/md0 of=/tmp/after bs=64k count=5 iflag=direct', 'copied')
  await type('sha256sum /tmp/after', hash)
  expect(mistakes).toEqual([])
})

test('a mistake in the console is answered, and looks like one', async () => {
  await visit()
  await type('nonsense --of-mine', 'nonsense: command not found')
  expect(await output().locator('.line-error', { hasText: 'command not found' }).count()).toBe(1)
  await type('disk pull sdz', 'no disk sdz')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  const field = page.getByRole('textbox', { name: 'Command' })
  expect(await field.inputValue()).toBe('nonsense --of-mine')
  await field.fill('mdad')
  await page.keyboard.press('Tab')
  expect(await field.inputValue()).toBe('mdadm ')
})

test('the console keeps two hundred lines and more in the page', async () => {
  await visit()
  for (let i = 0; i < 6; i++) await type(`hexdump -C -v -n 1024 -s ${i}K /dev/sda`, /^00\w+400$/)
  expect(await output().locator('.line').count()).toBeGreaterThan(200)
})

test('keys move time, and are letters in a text field', async () => {
  await visit()
  await page.getByRole('textbox', { name: 'Command' }).click()
  await page.keyboard.type('k x?')
  expect(await page.getByRole('textbox', { name: 'Command' }).inputValue()).toBe('k x?')
  expect(await button('Pause').count()).toBe(1)
  await page.getByRole('textbox', { name: 'Command' }).fill('')
  await page.getByRole('heading', { name: 'Blockscope' }).click()
  await page.keyboard.press('k')
  await button('Play').waitFor()
  await page.keyboard.press('x')
  await button('Power on').waitFor()
  await page.keyboard.press('x')
  await button('Cut power').waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('sdc: pull')
  await page.keyboard.press('Enter')
  await output().getByText('disk pull sdc', { exact: true }).or(page.locator('.line-pending')).first().waitFor()
})

test('another tab is told that this one has the machine', async () => {
  await visit()
  page = await openPage()
  await page.goto(served.url)
  await page.getByText('Another tab of this browser has the machine.').waitFor()
})

test('what was picked is explained, down to its bytes', async () => {
  await visit()
  await page.locator('[data-stripe="3"][data-slot="0"]').click()
  const inspector = page.getByRole('region', { name: 'Inspector' })
  await inspector.getByText('Stripe 3, P').waitFor()
  await inspector.getByText('if cut now').waitFor()
  await inspector.getByText(/sda, sector \d+/).waitFor()
  await page.keyboard.press('ArrowRight')
  await inspector.getByText('Stripe 3, D9').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing on the first view, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  await visit()
  await button('Pause').click()
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const found = await axe.run()
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
  expect(violations).toEqual([])
})

test('on a narrow screen regions are tabs, and nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(served.url)
  await page.locator('[data-stripe="15"][data-slot="3"]').waitFor()
  for (const name of ['Stack', 'Console', 'Inspector', 'Timeline', 'Stage']) {
    await page.getByRole('tab', { name }).click()
    await page.getByRole('region', { name }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  }
})
