/** Two machines in step, on the page in a real Chromium. */
import { expect, test } from 'vitest'
import {
  button,
  command,
  dialog,
  expectAccessible,
  field,
  leaveFields,
  output,
  page,
  pause,
  region,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

const left = () => region('Stage, left')
const right = () => region('Stage, right')
const comparison = () => region('Comparison')
const moment = () => page.getByRole('slider', { name: 'Time' })
const step = async (): Promise<number> => Number(await moment().getAttribute('aria-valuenow'))

/** A number of both machines. */
async function counter(name: string): Promise<string[]> {
  const row = comparison().getByRole('table', { name: 'Counters', exact: true }).getByRole('row', { name })
  return row.first().getByRole('cell').allInnerTexts()
}

/** A number on the page, once it stands still: time may play on for a moment behind the press of Pause. */
async function atRest(): Promise<number> {
  let before = -1
  await soon(async () => {
    const now = await step()
    const isSame = now === before
    before = now
    await page.waitForTimeout(250)
    return isSame
  }).toBe(true)
  return before
}

/** Has the form say what it proposes: without a bitmap. */
async function begin(): Promise<void> {
  await button('Side by side').click()
  await dialog('Side by side').getByText('compare --bitmap=none').waitFor()
  await button('Compare').click()
  await right().getByRole('heading', { name: '/dev/md0' }).waitFor()
  await soon(() => page.getByText('carry out the recording').count()).toBe(0)
}

/** A stage as text: every chunk and every bit by its name. */
function picture(name: string): Promise<string> {
  return page.evaluate((label) => {
    const stage = document.querySelector(`section[aria-label="${label}"]`)
    return [...(stage?.querySelectorAll('[data-stripe]') ?? [])]
      .map((one) => one.getAttribute('aria-label') ?? one.textContent)
      .join('\n')
  }, name)
}

test('with and without a bitmap: cut in the middle of writes, power on, and the counters tell', async () => {
  await visit()
  await type('workload stop app')
  // The bits of what was written before are cleared lazily.
  await type('run 20s')
  await pause()
  await begin()
  expect(await left().getByText('--bitmap=internal').count()).toBe(1)
  expect(await right().getByText('--bitmap=none').count()).toBe(1)
  expect(await picture('Stage, right')).not.toContain('bitmap:')
  await field().fill('dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=40 oflag=direct')
  await page.keyboard.press('Enter')
  // Up to where the data is on its way, and nothing says so on the right.
  const begun = await step()
  await leaveFields()
  for (let i = 1; i <= 27; i++) {
    await page.keyboard.press('ArrowRight')
    await soon(step).toBe(begun + i)
  }
  await type('power cut --keep all')
  await left().getByText('The power is off').waitFor()
  await right().getByText('The power is off').waitFor()
  await field().fill('power on; workload stop app')
  await page.keyboard.press('Enter')
  await button('Play').click()
  await left().getByRole('heading', { name: '/dev/md0' }).waitFor()
  await right().getByRole('heading', { name: '/dev/md0' }).waitFor()
  await type('settle')
  await soon(() => counter('resynced')).toEqual(['64 KiB', '1 MiB'])
  expect((await counter('bitmap writes'))[1]).toBe('0')
  expect(Number((await counter('bitmap writes'))[0])).toBeGreaterThan(0)
  expect(await counter('mismatch_cnt')).toEqual(['0', '0'])
})

test('the first difference is marked, and gone to; both show that instant, there and back', async () => {
  await visit()
  await pause()
  await begin()
  await button('Play').click()
  await soon(async () => (await step()) > 120).toBe(true)
  await pause()
  const end = await atRest()
  const pictures = [await picture('Stage, left'), await picture('Stage, right')]
  const counters = await comparison().getByRole('table').first().innerText()
  const first = comparison().locator('.difference-first')
  expect(await first.innerText()).toMatch(/First difference/)
  expect(await page.locator('.scrubber-differs-first').innerText()).toBe('≠')
  await button('Go there').click()
  await page.locator('.past-banner').getByText('In the past').waitFor()
  const title = await page.locator('.scrubber-differs-first').getAttribute('title')
  const at = Number(/step (.+), since/.exec(title ?? '')?.[1].replace(/\D/g, ''))
  expect(at).toBeLessThan(end)
  await soon(step).toBe(at)
  await soon(() => comparison().getByRole('table').first().innerText()).not.toBe(counters)
  await button('Live').click()
  await soon(step).toBe(end)
  await soon(() => picture('Stage, left')).toBe(pictures[0])
  await soon(() => picture('Stage, right')).toBe(pictures[1])
  await soon(() => comparison().getByRole('table').first().innerText()).toBe(counters)
})

test('whether both have the same data is told, and a line before the changed one takes the difference away', async () => {
  await visit()
  await type('workload stop app')
  await type('compare --chunk=16')
  await right().getByText('--chunk=16').waitFor()
  const same = comparison().locator('.same-data')
  await soon(() => same.innerText()).toMatch(/md0\s*= the same, all 3 MiB/)
  await button('Play').click()
  // What only the left one's disk is made to hold: a chunk of sixteen has another place there.
  await type('dd if=/dev/urandom of=/dev/sda bs=4k count=1 seek=300 oflag=direct', 'copied')
  await soon(() => same.innerText()).toMatch(/≠ \d+ sectors differ, the first is \d+/)
  await pause()
  await leaveFields()
  // To before the line that made the array; something else is typed there.
  await page.getByRole('slider', { name: 'Time' }).press('Home')
  await page.locator('.past-banner').getByText('In the past').waitFor()
  await type('echo another way')
  await output().getByText('has not been typed: left and right are the same machine').waitFor()
  await comparison().getByText('Left and right are the same machine here').waitFor()
  await expectAccessible()
})

test('what only one of them says, and what fails on one of them only, stands in the console', async () => {
  await visit()
  await type('workload stop app')
  await type('compare --chunk=16')
  await right().getByText('--chunk=16').waitFor()
  await button('Play').click()
  await type('cat /proc/mdstat', '64k chunk')
  await output().getByText('On the right, cat /proc/mdstat said:').waitFor()
  await output().getByText('16k chunk').waitFor()
  // Of the smaller chunks there are four times as many rows.
  await soon(() => right().locator('[role=rowheader][data-stripe="63"]').count()).toBe(1)
  expect(await left().locator('[role=rowheader][data-stripe="16"]').count()).toBe(0)
  await type('compare', /left: +mdadm/)
  await type('compare --chunk=16 --bitmap=maybe')
  await soon(() => right().getByText('No array').count()).toBe(1)
  await button('Play').click()
  await type('dd if=/dev/urandom of=/dev/md0 bs=4k count=1 oflag=direct', 'copied')
  await output().getByText('On the right, dd if=/dev/urandom').waitFor()
})

test('what is picked on the right is inspected there, with the other machine’s bytes to compare', async () => {
  await visit()
  await pause()
  await begin()
  await right().locator('.chunk[data-stripe="-1"][data-slot="1"]').click()
  await region('Inspector').getByText('right', { exact: true }).waitFor()
  const beside = region('Inspector').getByLabel('Compare with')
  await beside.selectOption({ label: 'the other machine' })
  await region('Inspector').getByText('on the left').waitFor()
  await left().locator('.chunk[data-stripe="10"][data-slot="1"]').click()
  await region('Inspector').getByText('left', { exact: true }).waitFor()
})

test('by the keyboard alone, from the palette and back to one machine', async () => {
  await visit()
  await pause()
  await atRest()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('What shall be done?').fill('another machine beside')
  await page.keyboard.press('Enter')
  await dialog('Side by side').getByText('any line').waitFor()
  // Without is what the form proposes; with would be no difference.
  await dialog('Side by side').getByRole('radio', { name: 'without', exact: true }).focus()
  await page.keyboard.press('ArrowLeft')
  await dialog('Side by side').getByText('nothing would differ').waitFor()
  await page.keyboard.press('ArrowRight')
  await dialog('Side by side').getByText('compare --bitmap=none').waitFor()
  await page.keyboard.press('Enter')
  await right().getByRole('heading', { name: '/dev/md0' }).waitFor()
  await leaveFields()
  const from = await atRest()
  await page.keyboard.press('ArrowRight')
  await soon(step).toBe(from + 1)
  await page.keyboard.press('ArrowLeft')
  await soon(step).toBe(from)
  await button('End').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Stage', exact: true }).getByRole('heading', { name: '/dev/md0' }).waitFor()
  expect(await right().count()).toBe(0)
  await command('compare off').waitFor()
})

test('a step back and a cut there happen to both', async () => {
  await visit()
  await pause()
  await begin()
  await leaveFields()
  const from = await atRest()
  await page.keyboard.press('ArrowLeft')
  await soon(step).toBe(from - 1)
  await page.keyboard.press('x')
  await left().getByText('The power is off').waitFor()
  await right().getByText('The power is off').waitFor()
  await page.keyboard.press('x')
  await button('Play').click()
  await right().getByRole('heading', { name: '/dev/md0' }).waitFor()
})

test('axe finds nothing, light and dark, wide and narrow', async () => {
  await visit()
  await pause()
  await button('Side by side').click()
  await dialog('Side by side').getByText('compare --bitmap=none').waitFor()
  for (const way of ['any line', 'an option of the array']) {
    await dialog('Side by side').getByText(way).click()
    await expectAccessible()
  }
  await button('Compare').click()
  await comparison().getByText('First difference').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Colours change slowly.
    await page.waitForTimeout(500)
    await expectAccessible()
  }
  await page.setViewportSize({ width: 390, height: 844 })
  const box = async (stage: ReturnType<typeof left>) =>
    (await stage.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await soon(async () => (await box(right())).y - (await box(left())).y).toBeGreaterThan(200)
  expect((await box(left())).x).toBe((await box(right())).x)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await expectAccessible()
  await page.getByRole('tab', { name: 'Comparison' }).click()
  await comparison().getByText('First difference').waitFor()
  await expectAccessible()
})
