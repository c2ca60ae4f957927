/** The page in a real Chromium, with the real machine in its worker and its disks in the browser's file system. */
import { expect, test } from 'vitest'
import {
  address,
  ask,
  atFullSpeed,
  button,
  chunk,
  dialog,
  expectAccessible,
  expectConsistent,
  field,
  leaveFields,
  openPage,
  output,
  page,
  pause,
  region,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

const clock = () => page.locator('.transport-clock').innerText()

// How soon is measured by the benchmark: here the machine's two cores may have other things to do.
test('something moves without being asked', async () => {
  await page.goto(address(), { waitUntil: 'commit' })
  await chunk(15, 3).waitFor()
  const first = await clock()
  await soon(clock).not.toBe(first)
})

test('everything has the name by which it is found', async () => {
  await visit()
  for (const name of ['Cut power', 'Pause', 'Step forward']) expect(await button(name).count()).toBe(1)
  for (const name of ['Stack', 'Stage', 'Inspector', 'Timeline']) {
    expect(await page.getByRole('region', { name }).count()).toBe(1)
  }
  expect(await field().count()).toBe(1)
  expect(await output().count()).toBe(1)
  await pause()
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
})

test('a reload in the middle of a write is a power cut, and the next visit recovers', async () => {
  await visit()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct', 'copied')
  await type('dd if=/dev/md0 of=/tmp/before bs=64k count=3 iflag=direct', 'copied')
  await type('sha256sum /tmp/before', /^[0-9a-f]{64}/)
  const hash = /[0-9a-f]{64}/.exec(await output().innerText())?.[0] ?? 'none'
  await type('settle')
  await pause()
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
})

test('a disk is pulled, written around, replaced and rebuilt', async () => {
  await visit()
  await region('Stack').getByRole('button', { name: 'What can be done to sdb' }).click()
  await page.getByRole('menuitem', { name: 'Pull it' }).click()
  await output().getByText('disk pull sdb', { exact: true }).waitFor()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=5 oflag=direct', 'copied')
  await region('Stage').getByText('[U_UU]').waitFor()
  await type('dd if=/dev/md0 of=/tmp/before bs=64k count=5 iflag=direct', 'copied')
  await type('sha256sum /tmp/before', /^[0-9a-f]{64}/)
  const hash = /[0-9a-f]{64}/.exec(await output().innerText())?.[0] ?? 'none'
  await type('disk insert sdb --blank')
  await type('mdadm /dev/md0 --remove /dev/sdb')
  await type('mdadm /dev/md0 --add /dev/sdb', 'added')
  await atFullSpeed()
  await ask('cat /proc/mdstat', /\[4\/4\] \[UUUU\]/)
  await region('Stage').getByText('[UUUU]').waitFor()
  await expectConsistent()
  await type('mdadm /dev/md0 --fail /dev/sda')
  await type('dd if=/dev/md0 of=/tmp/after bs=64k count=5 iflag=direct', 'copied')
  await type('sha256sum /tmp/after', hash)
})

test('a mistake in the console is answered, and looks like one', async () => {
  await visit()
  await type('nonsense --of-mine', 'nonsense: command not found')
  expect(await output().locator('.line-error', { hasText: 'command not found' }).count()).toBe(1)
  await type('disk pull sdz', 'no disk sdz')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  expect(await field().inputValue()).toBe('nonsense --of-mine')
  await field().fill('mdad')
  await page.keyboard.press('Tab')
  expect(await field().inputValue()).toBe('mdadm ')
})

test('the console keeps two hundred lines and more in the page', async () => {
  await visit()
  for (let i = 0; i < 6; i++) await type(`hexdump -C -v -n 1024 -s ${i}K /dev/sda`, /^00\w+400$/)
  expect(await output().locator('.line').count()).toBeGreaterThan(200)
})

test('keys move time, and are letters in a text field', async () => {
  await visit()
  await field().click()
  await page.keyboard.type('k x?')
  expect(await field().inputValue()).toBe('k x?')
  expect(await button('Pause').count()).toBe(1)
  await field().fill('')
  await leaveFields()
  await page.keyboard.press('k')
  await button('Play').waitFor()
  await page.keyboard.press('x')
  await button('Power on').waitFor()
  await page.keyboard.press('x')
  await button('Cut power').waitFor()
  await page.keyboard.press('?')
  await dialog('Keys').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('sdc: pull')
  await page.keyboard.press('Enter')
  await output().getByText('disk pull sdc', { exact: true }).or(page.locator('.line-pending')).first().waitFor()
})

test('another tab is told that this one has the machine', async () => {
  await visit()
  const other = await openPage()
  await other.goto(address())
  await other.getByText('Another tab of this browser has the machine.').waitFor()
})

test('what was picked is explained, down to its bytes', async () => {
  await visit()
  await page.locator('[data-stripe="3"][data-slot="0"]').click()
  const inspector = region('Inspector')
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
  await expectAccessible()
})

test('on a narrow screen regions are tabs, and nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(address())
  await chunk(15, 3).waitFor()
  for (const name of ['Stack', 'Console', 'Inspector', 'Timeline', 'Stage']) {
    await page.getByRole('tab', { name }).click()
    await page.getByRole('region', { name }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  }
})

test('the stack says what goes through every device, and which way, also through one that comes later', async () => {
  await visit()
  const stack = region('Stack')
  const link = (id: string) => stack.locator(`.stack-link[data-link="${id}"]`)
  await soon(() => stack.getByRole('button', { name: '/dev/md0' }).innerText()).toMatch(/\d \/s/)
  await soon(() => link('workload app md0').getAttribute('marker-end')).toContain('stack-arrow')
  expect(await link('workload app md0').getAttribute('marker-start')).toBe(null)
  await type('disk create spare 2M')
  await type("dmsetup create over --table '0 4096 linear /dev/spare 0'")
  await type('workload start reads /dev/mapper/over --read 100')
  const over = stack.getByRole('button', { name: '/dev/mapper/over' })
  await soon(() => over.innerText()).toMatch(/\d (k|M)?\/s/)
  await soon(() => link('mapper/over spare').getAttribute('marker-start')).toContain('stack-arrow')
  expect(await link('mapper/over spare').getAttribute('marker-end')).toBe(null)
  await over.click()
  await region('Inspector')
    .getByText(/reads, .*B\/s$/)
    .waitFor()
})

test('a disk and a device over it are added from the stack; what cannot be added says why', async () => {
  await visit()
  const add = button('Add a disk, a device or a workload')
  await add.click()
  const mapped = page.getByRole('menuitem', { name: /^A mapped device/ })
  expect(await mapped.getAttribute('aria-disabled')).toBe('true')
  expect(await mapped.getAttribute('aria-description')).toMatch(/Every disk is in use/)
  await page.getByRole('menuitem', { name: 'Another disk of 2 MiB' }).click()
  await region('Stack').getByRole('button', { name: /^sde/ }).waitFor()
  await add.click()
  await page.getByRole('menuitem', { name: 'A mapped device over sde' }).click()
  await output()
    .getByText(/^dmsetup create over0 --table '0 4096 linear \/dev\/sde 0'/)
    .waitFor()
  await region('Stack').getByRole('button', { name: '/dev/mapper/over0' }).waitFor()
})

test('a region collapses by the key that the list of keys names, and comes back', async () => {
  await visit()
  const width = async (): Promise<number> => (await region('Stack').boundingBox())?.width ?? 0
  const before = await width()
  expect(before).toBeGreaterThan(100)
  const line = page.getByRole('separator', { name: 'Width of the stack' })
  await line.focus()
  await page.keyboard.press('Enter')
  await soon(width).toBeLessThan(20)
  await page.keyboard.press('Enter')
  await soon(width).toBeGreaterThan(100)
})
