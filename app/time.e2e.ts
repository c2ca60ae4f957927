/** Time both ways, on the page in a real Chromium, with the machine's disks in the browser's file system. */
import { expect, test } from 'vitest'
import {
  button,
  expectAccessible,
  leaveFields,
  output,
  page,
  pause,
  region,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

/** A step near the present, from the key to the picture, in milliseconds: the engine's share, and that of a slow drawing. */
const STEP_WITHIN = 1000

const moment = () => page.getByRole('slider', { name: 'Time' })
const step = async (): Promise<number> => Number(await moment().getAttribute('aria-valuenow'))
const newest = async (): Promise<number> => Number(await moment().getAttribute('aria-valuemax'))
const banner = () => page.locator('.past-banner')

async function atStep(wanted: number): Promise<void> {
  await soon(step).toBe(wanted)
  await banner().getByText('In the past').waitFor()
}

/** The picture as text: status, every chunk by its name, every bit. */
function pictureText(): Promise<string> {
  return page.evaluate(() => {
    const stage = document.querySelector('section[aria-label=Stage]')
    const named = [...(stage?.querySelectorAll('[data-stripe], [aria-label*="bit"]') ?? [])]
    const labels = named.map((element) => element.getAttribute('aria-label') ?? element.textContent)
    return [stage?.querySelector('.stage-head')?.textContent, ...labels].join('\n')
  })
}

/** The hash of what stands at the beginning of the array, where no workload writes. */
async function sum(): Promise<string> {
  await type('dd if=/dev/md0 of=/tmp/head bs=64k count=3 iflag=direct', 'copied')
  const before = (await output().innerText()).match(/[0-9a-f]{64}/g)?.length ?? 0
  await type('sha256sum /tmp/head')
  const sums = async (): Promise<string[]> => (await output().innerText()).match(/[0-9a-f]{64}/g) ?? []
  await soon(async () => (await sums()).length).toBeGreaterThan(before)
  return (await sums()).at(-1) ?? 'none'
}

test('a step forward and back shows the same picture', async () => {
  await visit()
  await pause()
  const end = await newest()
  await leaveFields()
  await page.keyboard.press('ArrowLeft')
  await atStep(end - 1)
  await button('Step back').click()
  await atStep(end - 2)
  const there = await pictureText()
  expect(there).toContain('md0')
  await page.keyboard.press('Escape')
  await button('Step forward').click()
  await atStep(end - 1)
  const from = Date.now()
  await button('Step back').click()
  await atStep(end - 2)
  expect(Date.now() - from).toBeLessThan(STEP_WITHIN)
  await soon(pictureText).toBe(there)
  expect(await button('Live').getAttribute('aria-disabled')).toBeNull()
  await button('Live').click()
  await soon(step).toBe(end)
  await soon(() => banner().count()).toBe(0)
  expect(await button('Live').getAttribute('aria-disabled')).toBe('true')
  expect(await button('Live').getAttribute('title')).toContain('newest')
})

test('the slider goes to any moment, by keys and by the pointer', async () => {
  await visit()
  await pause()
  const end = await newest()
  await moment().focus()
  await page.keyboard.press('Home')
  await atStep(0)
  await page.getByText('No array').waitFor()
  expect(await output().locator('.line-later').count()).toBeGreaterThan(3)
  await page.keyboard.press('PageUp')
  await soon(step).toBeGreaterThan(0)
  const box = (await moment().boundingBox())!
  await page.mouse.move(box.x + box.width * 0.3, box.y + 14)
  await page.mouse.down()
  for (const share of [0.4, 0.6, 0.8]) await page.mouse.move(box.x + box.width * share, box.y + 14)
  await page.mouse.up()
  const wanted = Math.round(end * 0.8)
  await soon(async () => Math.abs((await step()) - wanted)).toBeLessThanOrEqual(2)
  await banner().getByText('In the past').waitFor()
  await region('Stage').getByText('/dev/md0').waitFor()
  await page.keyboard.press('End')
  await soon(() => banner().count()).toBe(0)
  expect(await output().locator('.line-later').count()).toBe(0)
})

test('a pulled disk is put back by undo, and events are jumped to', async () => {
  await visit()
  await pause()
  await type('disk pull sdb')
  const stack = region('Stack')
  await stack.getByText('pulled').waitFor()
  await leaveFields()
  await page.keyboard.press('Control+z')
  await banner().waitFor()
  await soon(() => stack.getByText('pulled').count()).toBe(0)
  await output().locator('.line-later', { hasText: 'disk pull sdb' }).waitFor()
  await button('Next event').click()
  await button('Next event').click()
  await stack.getByText('pulled').waitFor()
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Shift+ArrowLeft')
  await soon(() => stack.getByText('pulled').count()).toBe(0)
  await button('Play').click()
  await soon(() => banner().count()).toBe(0)
  await stack.getByText('pulled').waitFor()
})

test('acting in the past makes a branch; the other one is returned to; a reload finds the bytes of what is live', async () => {
  await visit()
  await type('workload stop app')
  await type('settle')
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync', 'copied')
  await type('settle')
  const first = await sum()
  await pause()
  await leaveFields()
  // Before the sum, the read, the settling, and the write.
  for (let i = 0; i < 4; i++) {
    const lines = await output().locator('.line-later.line-command').count()
    await page.keyboard.press('Control+z')
    await soon(() => output().locator('.line-later.line-command').count()).toBeGreaterThan(lines)
  }
  await button('Play').waitFor()
  await type('fault add latent sdd 100')
  await page.getByRole('button', { name: 'Branches' }).waitFor()
  await soon(() => banner().count()).toBe(0)
  await button('Play').click()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=1 seek=1 oflag=direct conv=fsync', 'copied')
  await type('settle')
  const second = await sum()
  expect(second).not.toBe(first)
  await page.getByRole('button', { name: 'Branches' }).click()
  await page.getByRole('menuitem', { name: /^branch 1/ }).click()
  await soon(() => output().innerText()).not.toContain('fault add latent')
  await button('Play').click()
  expect(await sum()).toBe(first)
  await page.getByRole('button', { name: 'Branches' }).click()
  await page.getByRole('menuitem', { name: /^branch 2/ }).click()
  await output().getByText('fault add latent sdd 100', { exact: true }).waitFor()
  await button('Play').click()
  await type('settle')
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await output().getByText('has been started with 4 drives').waitFor()
  expect(await sum()).toBe(second)
  await type('workload stop app')
  await type('settle')
  await type('echo check > /sys/block/md0/md/sync_action')
  await type('settle')
  await type('cat /sys/block/md0/md/mismatch_cnt', /^0$/)
})

test.each(['light', 'dark'] as const)('axe finds nothing in the past, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  await visit()
  await type('workload stop app')
  await type('settle')
  await pause()
  await type('disk pull sdb')
  await leaveFields()
  await page.keyboard.press('Control+z')
  await banner().getByText('In the past').waitFor()
  await expectAccessible()
})
