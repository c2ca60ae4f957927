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

const moment = () => page.getByRole('slider', { name: 'Time' })
const step = async (): Promise<number> => Number(await moment().getAttribute('aria-valuenow'))
const newest = async (): Promise<number> => Number(await moment().getAttribute('aria-valuemax'))
const banner = () => page.locator('.past-banner')

/** There, and not only on the way: the slider is where it will be. */
async function atStep(wanted: number): Promise<void> {
  await soon(step).toBe(wanted)
  await soon(() => moment().getAttribute('data-shown')).toBe(String(wanted))
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
  await button('Step back').click()
  await atStep(end - 2)
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

const tracks = () => page.getByRole('listbox', { name: 'Tracks' })
const track = (name: string) => tracks().getByRole('option', { name: new RegExp(`^${name},`) })

/** The tracks of the whole recording, with the focus on them. */
async function showTracks(): Promise<void> {
  await page.getByText('Recording', { exact: true }).click()
  await track('sdd').waitFor({ state: 'attached' })
  await tracks().focus()
}

async function selectTrack(name: string): Promise<void> {
  await page.keyboard.press('Home')
  for (let i = 0; i < 12 && (await track(name).getAttribute('aria-selected')) !== 'true'; i++)
    await page.keyboard.press('ArrowDown')
  expect(await track(name).getAttribute('aria-selected')).toBe('true')
}

test('tracks show the whole recording, down to single I/Os, and keys go from event to event on one', async () => {
  await visit()
  await type('fault add slow sdc 2')
  await type('disk pull sdb')
  await pause()
  await showTracks()
  const end = await newest()
  await soon(() => track('sda').innerText()).toMatch(/steps 0 to .*: .*reads, .*writes, .*flushes/)
  await soon(() => track('faults').innerText()).toContain('fault 1 on sdc')
  expect(await track('faults').innerText()).toContain('sdb is pulled')
  expect(await track('lines').innerText()).toContain('mdadm --create')
  expect(await track('md0').innerText()).toContain('superblock update')
  // Of a disk each I/O is an event: what is heard of the step is one.
  await selectTrack('sda')
  await page.keyboard.press(',')
  await banner().getByText('In the past').waitFor()
  const last = await step()
  await page.keyboard.press(',')
  await soon(step).toBeLessThan(last)
  const before = await step()
  await page.keyboard.press('.')
  await soon(step).toBe(last)
  expect(before).toBeLessThan(last)
  for (let i = 0; i < 12; i++) await page.keyboard.press('+')
  await soon(() => track('sda').innerText()).not.toContain('steps 0 to')
  const [, from, to] = /steps (.*) to (.*):/.exec((await track('sda').innerText()).replaceAll('\u202f', '')) ?? []
  expect(Number(to) - Number(from)).toBeLessThan(20)
  expect(Number(from)).toBeLessThanOrEqual(last)
  expect(Number(to)).toBeGreaterThanOrEqual(last)
  // The canvas shows single I/Os now; one of them is gone to by a press on it.
  const box = (await page.locator('.recording-tracks').boundingBox())!
  await page.mouse.click(box.x + 66 + (box.width - 80) * 0.25, box.y + box.height / 2)
  await soon(step).not.toBe(last)
  expect(Math.abs((await step()) - (Number(from) + (Number(to) - Number(from)) / 4))).toBeLessThan(2)
  await tracks().focus()
  await page.keyboard.press('0')
  await selectTrack('faults')
  await button('Live').click()
  await soon(step).toBe(end)
  await tracks().focus()
  await page.keyboard.press(',')
  await soon(() => region('Stack').getByText('pulled').count()).toBe(1)
  await page.keyboard.press(',')
  await soon(() => region('Stack').getByText('pulled').count()).toBe(0)
  await region('Faults').getByText('slow sdc').waitFor()
  await expectAccessible()
})

test('looking at the past shows its statuses and its bytes, and begins no branch', async () => {
  await visit()
  await type('workload stop app')
  await type('settle')
  await type('disk pull sdb')
  await type('dd if=/dev/urandom of=/dev/md0 bs=4k count=1 oflag=direct', 'copied')
  await type('settle')
  await type('cat /proc/mdstat', '[U_UU]')
  await pause()
  const end = await newest()
  await leaveFields()
  // Before the look, the settling, the write, the pull.
  for (let i = 0; i < 4; i++) {
    const lines = await output().locator('.line-later.line-command').count()
    await page.keyboard.press('Control+z')
    await soon(() => output().locator('.line-later.line-command').count()).toBeGreaterThan(lines)
  }
  await type('cat /proc/mdstat', '[UUUU]')
  await type('disk list', 'sdb 8:16 2M ssd in place')
  await banner().getByText('looking does not').waitFor()
  expect(await page.getByRole('button', { name: 'Branches' }).count()).toBe(0)
  // Where the write has reached its disk, the bytes of the step before are those of the disk then.
  await region('Stack').getByText('sda', { exact: true }).click()
  const bytes = region('Bytes')
  await bytes.getByLabel('Compare with').selectOption('before')
  await moment().focus()
  for (const at of [end - 2, end - 9, end - 5]) {
    await page.keyboard.press('End')
    await soon(() => banner().count()).toBe(0)
    for (let i = 0; i < end - at; i++) {
      const now = await step()
      await page.keyboard.press('ArrowLeft')
      await soon(step).toBeLessThan(now)
    }
    await soon(() => bytes.getByRole('status').first().innerText()).toMatch(
      new RegExp(`no byte differs|at step ${at - 1}`),
    )
  }
})

test('history that does not fit moves the left end of the scrubber, and says why', async () => {
  const fill = async (): Promise<void> => {
    const before = await output().getByText('copied').count()
    await type('dd if=/dev/urandom of=/dev/big bs=1M count=220 oflag=direct conv=fsync')
    await soon(() => output().getByText('copied').count()).toBe(before + 1)
  }
  await visit()
  await type('workload stop app')
  await type('disk create big 256M')
  await fill()
  // Of the next visit, the oldest moment has all these bytes: more than all that may be kept.
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await type('workload stop app')
  await fill()
  await type('dd if=/dev/zero of=/dev/md0 bs=4k count=4 oflag=direct', '16384 bytes')
  await pause()
  const left = async (): Promise<number> => Number(await moment().getAttribute('aria-valuemin'))
  await soon(left).toBeGreaterThan(0)
  const reason = (await moment().getAttribute('aria-description')) ?? ''
  expect(reason).toMatch(/is not kept: the history would need more than \d+ MiB/)
  await page.getByText(/^from step/).waitFor()
  await moment().focus()
  await page.keyboard.press('Home')
  await atStep(await left())
  expect(await button('Step back').getAttribute('title')).toBe(reason)
  await type('seek 1', 'is not kept')
  await page.keyboard.press('Escape')
  await button('Live').click()
  await soon(() => banner().count()).toBe(0)
})

test('a branch gets a name of its own', async () => {
  await visit()
  await pause()
  await type('disk pull sdb')
  await leaveFields()
  await page.keyboard.press('Control+z')
  await banner().getByText('In the past').waitFor()
  await type('fault add slow sda 2')
  page.once('dialog', (dialog) => void dialog.accept('a slow disk'))
  await page.getByRole('button', { name: 'Branches' }).click()
  await page.getByRole('menuitem', { name: /^Rename/ }).click()
  await soon(() => page.getByRole('button', { name: 'Branches' }).innerText()).toContain('a slow disk')
  await page.getByRole('button', { name: 'Branches' }).click()
  await page.getByRole('menuitem', { name: /^branch 1/ }).waitFor()
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
