/** Sets of dm-raid on the page in a real Chromium: what their tables mean, where their chunks lie, and what surprises of them. */
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { button, dialog, expectAccessible, output, page, region, soon, type, visit } from './fixtures/visit.ts'

const LEGS = '3 /dev/qa /dev/a /dev/qb /dev/b /dev/qc /dev/c'
const TABLE = (words: string): string => `dmsetup create r --table '0 2048 raid ${words} ${LEGS}'`

const inspector = (): Locator => region('Inspector')
const comparison = (): Locator => region('Comparison')

/** The first machine with nothing at work on it, and the disks of a set. */
async function visitWithDisks(): Promise<void> {
  await visit()
  await type('workload stop app')
  for (const name of ['a', 'b', 'c']) {
    await type(`disk create ${name} 512K`)
    await type(`disk create q${name} 64K`)
  }
}

test('a raid table is explained leg by leg, in both schemes', async () => {
  await visitWithDisks()
  await type(TABLE('raid5_ls 3 16 region_size 64'))
  await type('settle')
  await type('dmsetup remove r')
  await type(TABLE('raid5_ls 7 16 region_size 64 rebuild 1 daemon_sleep 50'))
  await region('Stack').getByRole('button', { name: '/dev/mapper/r' }).click()
  await inspector().getByText('is taken for ticks of 10 ms').waitFor()
  await inspector().getByRole('button', { name: 'Explain the table' }).click()
  const open = dialog('The table, explained')
  await open.getByText('built anew from the others').first().waitFor()
  const leg = open.getByRole('row', { name: /^1 qb b/ })
  await soon(() => leg.innerText()).toMatch(/no\s+0\s/)
  expect(await open.getByRole('row', { name: /^set/ }).innerText()).toMatch(/MaxSector.*counts as synced/s)
  // The rows that hold are lit, of the table with metadata devices.
  expect(await open.locator('.table-lit:visible').count()).toBe(2)
  const withMetadata = open.getByRole('table', { name: 'Linux 6.1, with metadata' })
  expect(await withMetadata.getByRole('row', { name: /^none/ }).innerText()).toContain('0 2')
  expect(await withMetadata.getByRole('row', { name: /^nosync rebuild/ }).innerText()).toContain('INVALID')
  await open.getByText('By the other rule').click()
  await open.getByRole('table', { name: 'as first described, 2011, without metadata' }).waitFor()
  await expectAccessible()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible()
  await page.keyboard.press('Escape')
  await soon(() => open.count()).toBe(0)
})

test('beside the picture stands the formula, worked out for the chunk that is picked', async () => {
  await visit()
  await button('Pause').click()
  const formula = inspector().getByRole('table', { name: 'The formula, step by step' })
  const row = (symbol: string): Promise<string> =>
    formula
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: symbol, exact: true }) })
      .innerText()
  await inspector().getByText('Where a sector lies').waitFor()
  expect(await row('P')).toContain('n − 1 − s mod n')
  // Left-symmetric on four members: in stripe 2 parity is on slot 1, and the data begins behind it.
  await page.locator('.chunk[data-stripe="2"][data-slot="3"]').click()
  await inspector().getByText('Why here').waitFor()
  expect(await row('P')).toMatch(/1$/)
  expect(await row('d')).toMatch(/1$/)
  expect(await row('dev')).toMatch(/= \(P \+ 1 \+ d\) mod n.*3$/s)
  expect(await row('sector')).toMatch(/256$/)
  await expectAccessible()
})

test('the same crash by Linux 6.1 and by the rule that consults the bitmap, side by side', async () => {
  await visitWithDisks()
  await type('rules dm-raid.bitmap linux-6.1')
  await type(TABLE('raid5_ls 3 16 region_size 64'))
  await type('settle')
  await type('run 30s')
  await type('compare rules dm-raid.bitmap consulted')
  await region('Stage, right').waitFor()
  await soon(() => page.getByText('carry out the recording').count()).toBe(0)
  await button('Play').click()
  await type('power cut --after-writes 25 --keep random')
  await type('dd if=/dev/urandom of=/dev/mapper/r bs=12k count=40 oflag=direct')
  await type('power on')
  await type(TABLE('raid5_ls 3 16 region_size 64'))
  await type('settle')
  await type('dmsetup message r 0 check')
  await type('settle')
  await output().getByText('settle').last().waitFor()
  const mismatches = comparison()
    .getByRole('row', { name: /mismatch/ })
    .first()
    .getByRole('cell')
  await soon(async () => Number((await mismatches.allInnerTexts())[0]?.replace(/\D/g, ''))).toBeGreaterThan(0)
  expect((await mismatches.allInnerTexts())[1]).toMatch(/^0/)
  await expectAccessible()
})
