/** Hash trees on the page in a real Chromium: what is checked, written, wrong, and what a cut would leave; by mouse and by keyboard. */
import type { Locator } from 'playwright-core'
import { test } from 'vitest'
import { dialog, expectAccessible, page, pause, region, soon, type, visit } from './fixtures/visit.ts'

const inspector = (): Locator => region('Inspector')
const tree = (within: Locator): Locator => within.getByRole('application', { name: /^Hash tree of t\./ })
const row = (within: Locator, level: string): Promise<string> =>
  within
    .getByRole('table', { name: 'What is known of the blocks of each level' })
    .getByRole('row', { name: new RegExp(`^${level} `) })
    .innerText()

const TABLE = '0 2048 hashtree 1 /dev/data /dev/hash 4096 512 256 1 sha256 - -'

async function visitWithTree(): Promise<void> {
  await visit()
  await type('workload stop app')
  await type('disk create data 1M')
  await type('disk create hash 64K')
  await type('veritysetup format /dev/data /dev/hash --salt - --hash-block-size 512', 'Hash blocks:')
  await type(`dmsetup create t --table '${TABLE}'`)
  await region('Stack').getByRole('button', { name: '/dev/mapper/t' }).click()
  await tree(inspector()).waitFor()
}

test('the tree of a written device, in the inspector and enlarged, in both schemes', async () => {
  await visitWithTree()
  await inspector().getByText('All 256 data blocks fit.').waitFor()
  await type('dd if=/dev/urandom of=/dev/mapper/t bs=4k seek=40 count=3 oflag=direct', '3+0 records out')
  // Two hash blocks of level 0, and those above them, are newer in memory.
  await soon(() => row(inspector(), 'level 0')).toMatch(/^level 0\s+16\s+1\s+1\s+1\s+0$/)
  await soon(() => row(inspector(), 'level 1')).toMatch(/^level 1\s+1\s+1\s+1\s+1\s+0$/)
  await inspector()
    .getByText(/did: 40–42/)
    .waitFor()
  await pause()
  await inspector().getByRole('button', { name: 'Enlarge' }).click()
  const open = dialog('Hash tree')
  await tree(open).waitFor()
  await expectAccessible()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible()
  // By keyboard: from the top down to the first data block, and to its neighbour.
  await tree(open).focus()
  await open.getByText(/^level 1, hash block 1 · sums of level 0 0–15/).waitFor()
  await page.keyboard.press('PageDown')
  await open.getByText(/^level 0, hash block 2 · sums of data 0–15/).waitFor()
  await page.keyboard.press('PageDown')
  await page.keyboard.press('ArrowRight')
  await open.getByText(/^data block 1 · fits/).waitFor()
  await page.keyboard.press('PageUp')
  await open.getByText(/^level 0, hash block 2/).waitFor()
  await page.keyboard.press('Escape')
  await soon(() => open.count()).toBe(0)
})

test('without an array the tree is on the stage; rot shows, and a cut leaves what was foretold', async () => {
  await visitWithTree()
  await type('mdadm --stop /dev/md0')
  const stage = region('Stage')
  await stage.getByText('All 256 data blocks fit.').waitFor()
  await type('dd if=/dev/urandom of=/dev/mapper/t bs=4k seek=100 count=2 oflag=direct conv=fsync', '2+0 records out')
  await type('dd if=/dev/urandom of=/dev/mapper/t bs=4k seek=7 count=1 oflag=direct', '1+0 records out')
  await type('fault add rot data 1640')
  await stage.getByText('1 of 256 data blocks fail: 205.').waitFor()
  await stage
    .getByText(/After a power cut now 2 would fail if all of .* survived, 1 if nothing .* did: 7, 205/)
    .waitFor()
  await type('power cut --keep all')
  await type('power on')
  await type(`dmsetup create t --table '${TABLE}'`)
  await type('dmsetup message t 0 failing', 'failing 2 of 256: 7 205')
  await inspector().getByText('2 of 256 data blocks fail: 7, 205.').waitFor()
})
