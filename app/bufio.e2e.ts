/** Buffer caches on the page in a real Chromium: the two lists, what a power cut would lose of them, and what checksums promise. */
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { button, expectAccessible, page, pause, region, soon, type, visit } from './fixtures/visit.ts'

const cache = (): Locator => region('Buffer cache on a')
const list = (name: string): Locator => cache().getByRole('list', { name })
const blocks = (name: string): Promise<string[]> =>
  list(`${name} list, most recently used first`).locator('.buffer-block').allInnerTexts()

const pickDevice = (name: string): Promise<void> => region('Stack').getByRole('button', { name }).click()

test('a cache is two lists; what is dirty would be lost, until it is written and flushed', async () => {
  await visit()
  await type('workload stop app')
  await type('disk create a 1M --model ssd')
  await type("dmsetup create t --table '0 2048 bufio_test /dev/a 8192'")
  await type("dmsetup message t 0 'run loop i 6; read 10+i; put 10+i; end; read 12'")
  await type("dmsetup message t 0 'run read 1; stamp 1 7 512 2048; dirty 1 512 2048; put 1'")
  await pickDevice('/dev/mapper/t')
  await soon(() => blocks('Clean')).toEqual(['12', '15', '14', '13', '11', '10'])
  expect(await blocks('Dirty')).toEqual(['1'])
  await cache().getByText('A power cut now loses 1.5 KiB that were changed and not written.').waitFor()
  // Along a list with the arrow keys, and the machine stays where it is.
  await pause()
  const steps = await page.getByRole('button', { name: 'Play' }).count()
  await cache()
    .getByRole('button', { name: /^block 12,/ })
    .click()
  await cache().getByText('block 12, sectors 192 to 207 of a, held by 1').waitFor()
  await page.keyboard.press('ArrowRight')
  await cache().getByText('block 15, sectors 240 to 255 of a, held by nobody').waitFor()
  await page.keyboard.press('End')
  await cache().getByText('block 10, sectors 160 to 175').waitFor()
  expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(steps)
  await expectAccessible()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible()
  await page.emulateMedia({ colorScheme: 'light' })
  await button('Play').click()
  await type("dmsetup message t 0 'run async'")
  await cache().getByText('may lose 8 KiB that a has not made durable').waitFor()
  await type("dmsetup message t 0 'run sync'")
  await cache().getByText('A power cut now loses nothing of it.').waitFor()
  await soon(() => blocks('Clean')).toEqual(['1', '12', '15', '14', '13', '11', '10'])
})

test('a device with checksums shows the cache of its sums, and what its mode promises', async () => {
  await visit()
  await type('workload stop app')
  await type('disk create d 64K')
  await type('disk create a 64K')
  await type("dmsetup create c --table '0 128 checksum /dev/d /dev/a crc32c none'")
  await pickDevice('/dev/mapper/c')
  await cache().getByText('Rot is found as long as nothing crashes.').waitFor()
  await type('dd if=/dev/urandom of=/dev/mapper/c bs=4k count=1 oflag=direct')
  await cache()
    .getByText(/A power cut now loses \d+ B that were changed/)
    .waitFor()
  await expectAccessible()
})
