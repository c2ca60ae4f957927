/** The inspector and the linked hover in a real Chromium, on the real machine. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launch, serveBuilt, type Browser, type Served } from '../workers/tools/browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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
  page = await browser.context.newPage()
  await page.setViewportSize({ width: 1440, height: 1000 })
  mistakes = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text())
  })
})

afterEach(async () => {
  await browser.close()
})

const inspector = (): Locator => page.getByRole('region', { name: 'Inspector' })
const title = (): Locator => inspector().locator('.inspector-title')
const grid = (): Locator => inspector().getByRole('grid')
const fields = (): Locator => inspector().getByRole('listbox', { name: 'Fields of sector' })
const chunk = (stripe: number, slot: number): Locator =>
  page.locator(`.chunk[data-stripe="${stripe}"][data-slot="${slot}"]`)
const command = (text: string): Locator => page.locator('.line-command', { hasText: text }).last()

async function visit(): Promise<void> {
  await page.goto(served.url)
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await chunk(15, 3).waitFor()
  await page.getByRole('log', { name: 'Console output' }).getByText('try “help”').waitFor()
}

async function type(line: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Command' }).fill(line)
  await page.keyboard.press('Enter')
  await command(line).waitFor()
}

/** Nothing lies under the pointer. */
const pointAway = (): Promise<void> => page.mouse.move(700, 8)

const related = (locator: Locator): Promise<string | null> => locator.getAttribute('data-related')

async function expectRelated(locator: Locator, value: 'self' | 'related' | null): Promise<void> {
  await expect.poll(() => related(locator)).toBe(value)
}

test('whatever is picked is inspected: chunk, stripe, bit, member, disk, array, workload, event', async () => {
  await visit()
  await page.locator('.badge', { hasText: 'active' }).waitFor()
  await chunk(3, 1).click()
  await expect.poll(() => title().innerText()).toContain('Stripe 3, D9')
  await page.getByRole('button', { name: 'Play' }).waitFor()
  await page.locator('[role=rowheader][data-stripe="4"]').click()
  await expect.poll(() => title().innerText()).toContain('Stripe 4')
  await page.locator('[data-bit="5"]').click()
  await expect.poll(() => title().innerText()).toContain('Bitmap chunk 5 of md0')
  await page.locator('.chunk-meta[data-slot="2"]').click()
  await expect.poll(() => title().innerText()).toContain('sdc, slot 2 of md0')
  await inspector().getByRole('button', { name: 'sdc', exact: true }).click()
  await expect.poll(() => title().innerText()).toBe('sdc')
  const stack = page.getByRole('region', { name: 'Stack' })
  await stack.getByRole('button', { name: '/dev/md0' }).click()
  await expect.poll(() => title().innerText()).toContain('/dev/md0')
  await inspector().getByText('Set by').waitFor()
  await stack.getByRole('button', { name: 'random writes' }).click()
  await expect.poll(() => title().innerText()).toContain('Workload')
  await type('disk pull sdd')
  await page.getByRole('listbox', { name: 'Events' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => title().innerText()).toMatch(/sdd pulled|slot 3 is failed/)
  await inspector().getByText('concerns').waitFor()
  expect(mistakes).toEqual([])
})

test('by keyboard alone: from chunk to bit and member, into the bytes and their fields', async () => {
  await visit()
  await chunk(0, 0).click()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => title().innerText()).toContain('Bitmap chunk 0')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => title().innerText()).toContain('sda, slot 0 of md0')
  await grid().getByText('fc', { exact: true }).first().waitFor()
  await grid().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await inspector().locator('.hex-readout', { hasText: 'set_uuid' }).waitFor()
  const active = await grid().getAttribute('aria-activedescendant')
  expect(await page.locator(`[id="${active}"]`).getAttribute('aria-label')).toMatch(/^[0-9a-f]{2}, set_uuid/)
  await page.keyboard.press('PageDown')
  await inspector().getByText('sda, sector 9').waitFor()
  await page.keyboard.press('PageUp')
  await inspector().getByText('sda, sector 8').waitFor()
  await fields().focus()
  await page.keyboard.press('End')
  await inspector().locator('.hex-readout', { hasText: 'role 127' }).waitFor()
  // The clock is where it was: no key went through to the machine.
  expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(1)
  expect(mistakes).toEqual([])
})

test('the superblock is decoded, and its fields and bytes mark each other', async () => {
  await visit()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.chunk-meta[data-slot="1"]').click()
  await inspector().getByText('md superblock').waitFor()
  const uuid = fields().getByRole('option', { name: /^set_uuid / })
  await uuid.waitFor()
  await uuid.hover()
  const byte = grid().locator('[data-at="16"]')
  await expectRelated(byte, 'self')
  await expectRelated(page.locator('.stack-box[data-hover="array md0"]'), 'related')
  await byte.hover()
  await expectRelated(uuid, 'self')
  await inspector().locator('.hex-readout', { hasText: 'the same on every member' }).waitFor()
  const value = (name: string) =>
    fields()
      .getByRole('option', { name: new RegExp(`^${name} `) })
      .locator('.field-value')
  expect(await value('magic').innerText()).toBe('0xa92b4efc')
  expect(await value('level').innerText()).toBe('raid5')
  await pointAway()
  await expectRelated(byte, null)
  await inspector().getByLabel('Compare with').selectOption('sdc')
  await inspector()
    .locator('.bytes-differ', { hasText: /bytes differ/ })
    .waitFor()
  await fields().focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  const device = fields().getByRole('option', { name: /^dev_number / })
  for (let i = 0; i < 32 && (await device.count()) === 0; i++) await page.keyboard.press('ArrowDown')
  expect(await device.getAttribute('class')).toContain('field-changed')
  expect(mistakes).toEqual([])
})

test('sectors are gone through and jumped to; a cut and the previous step are compared with', async () => {
  await visit()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Play' }).waitFor()
  await type('dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=2 oflag=direct')
  // The data of the write is acknowledged by the disk, and only in its cache.
  for (let i = 0; i < 200; i++) {
    if ((await chunk(0, 0).getAttribute('class'))?.includes('chunk-new')) break
    await page.getByRole('button', { name: 'Step forward' }).click()
  }
  await chunk(0, 0).click()
  await inspector().getByText('D0 of stripe 0 · page 2').waitFor()
  await inspector().getByText('newer in the cache').waitFor()
  await inspector()
    .locator('.bytes-differ', { hasText: /bytes differ.*after a cut/ })
    .waitFor()
  expect(await grid().locator('.hex-differs').count()).toBeGreaterThan(8)
  expect(await grid().locator('.hex-was').count()).toBeGreaterThan(8)
  const sector = inspector().getByRole('textbox', { name: 'Sector' })
  const at = Number(await sector.inputValue())
  await inspector().getByRole('button', { name: 'Next sector' }).click()
  await inspector()
    .getByText(`sda, sector ${at + 1}`)
    .waitFor()
  await sector.fill('16')
  await page.keyboard.press('Enter')
  await inspector().getByText('write-intent bitmap').waitFor()
  await inspector().getByRole('button', { name: 'Data', exact: true }).click()
  await inspector()
    .getByText(/D0 of stripe 0 · page 0/)
    .waitFor()
  await inspector().getByRole('button', { name: 'Bitmap', exact: true }).click()
  await inspector().getByLabel('Compare with').selectOption('before')
  await inspector().getByText('Step on: what changes is marked.').waitFor()
  await type('dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=700 oflag=direct')
  const change = inspector().locator('.bytes-differ', { hasText: /differ.*at step \d+/ })
  for (let i = 0; i < 60 && (await change.count()) === 0; i++) {
    await page.getByRole('button', { name: 'Step forward' }).click()
    await page.waitForTimeout(250)
  }
  await change.waitFor()
  expect(mistakes).toEqual([])
})

test('hover links the stage both ways, also by focus, and draws nothing anew', async () => {
  await visit()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Play' }).waitFor()
  await page.waitForTimeout(500)
  await page.evaluate(() => {
    const counts = { drawn: 0 }
    Object.assign(window, { counts })
    new MutationObserver((records) => {
      counts.drawn += records.filter(({ attributeName }) => attributeName !== 'data-related').length
    }).observe(document.querySelector('.stage-drawing')!, { attributes: true, childList: true, subtree: true })
  })
  await chunk(6, 0).hover()
  await expectRelated(chunk(6, 0), 'self')
  await expectRelated(chunk(6, 1), 'related')
  await expectRelated(chunk(6, 2), null)
  await expectRelated(page.locator('.bits[data-hover="bit md0 6"]'), 'related')
  await expectRelated(page.locator('[role=rowheader][data-hover="stripe md0 6"]'), 'related')
  await expectRelated(page.locator('.stack-box[data-hover="disk sda"]'), 'related')
  await page.locator('.bits[data-hover="bit md0 6"]').hover()
  for (const slot of [0, 1, 2, 3]) await expectRelated(chunk(6, slot), 'related')
  await page.locator('.stack-box[data-hover="disk sdc"]').hover()
  await expectRelated(page.locator('.member-head[data-slot="2"]'), 'related')
  await expectRelated(chunk(6, 0), null)
  expect(await page.evaluate(() => (window as unknown as { counts: { drawn: number } }).counts.drawn)).toBe(0)
  // The same by keyboard.
  await pointAway()
  await chunk(6, 0).click()
  await pointAway()
  await page.keyboard.press('ArrowDown')
  await expectRelated(chunk(7, 0), 'self')
  await expectRelated(page.locator('.bits[data-hover="bit md0 7"]'), 'related')
  expect(mistakes).toEqual([])
})

test('hover links the bitmap’s bytes, the console and the timeline with the stage', async () => {
  await visit()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('[data-bit="3"]').click()
  const bits = grid().locator('[data-hover$=" bits 0"]')
  await bits.waitFor()
  await bits.hover()
  await expectRelated(page.locator('.bits[data-hover="bit md0 3"]'), 'related')
  await expectRelated(page.locator('.bits[data-hover="bit md0 9"]'), null)
  await page.locator('.bits[data-hover="bit md0 4"]').hover()
  await expectRelated(bits, 'related')
  await type('disk pull sdb')
  await command('disk pull sdb').hover()
  await expectRelated(page.locator('.stack-box[data-hover="disk sdb"]'), 'related')
  await page.locator('.stack-box[data-hover="disk sdb"]').hover()
  await expectRelated(command('disk pull sdb'), 'related')
  await pointAway()
  await page.getByRole('log', { name: 'Console output' }).focus()
  await page.keyboard.press('ArrowUp')
  await expectRelated(command('disk pull sdb'), 'self')
  await page.getByRole('listbox', { name: 'Events' }).focus()
  for (let i = 0; i < 5 && (await related(page.locator('.stack-box[data-hover="disk sdb"]'))) === null; i++) {
    await page.keyboard.press('ArrowUp')
    await page.waitForTimeout(50)
  }
  await expectRelated(page.locator('.stack-box[data-hover="disk sdb"]'), 'related')
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=1 seek=4 oflag=direct')
  await page.getByRole('button', { name: 'Play' }).waitFor()
  await expect
    .poll(async () => {
      await pointAway()
      await command('seek=4').hover()
      return page.locator('.chunk[data-stripe="1"][data-related]').count()
    })
    .toBeGreaterThan(0)
  expect(mistakes).toEqual([])
})

test.each(['light', 'dark'] as const)('axe finds nothing on the inspector, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  await visit()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.evaluate(AXE)
  const check = (): Promise<string[]> =>
    page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
      const { violations } = await axe.run()
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    })
  for (const target of [chunk(3, 0), page.locator('.chunk-meta[data-slot="1"]'), page.locator('[data-bit="6"]')]) {
    await target.click()
    await grid().locator('.hex-byte').first().waitFor()
    await inspector().getByLabel('Compare with').selectOption('sdc')
    await page.waitForTimeout(300)
    expect(await check()).toEqual([])
  }
  await grid().focus()
  expect(await check()).toEqual([])
})
