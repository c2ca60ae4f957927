/** Integrity devices on the page in a real Chromium: what a mode promises, journal, bitmap, and blocks that do not fit, in both schemes. */
import type { Locator } from 'playwright-core'
import { test } from 'vitest'
import { expectAccessible, page, pause, region, soon, type, visit } from './fixtures/visit.ts'

const inspector = (): Locator => region('Inspector')

function table(mode: string, more = ''): string {
  const words = `internal_hash:crc32c fix_padding${more}`.split(' ')
  return `0 1024 integrity /dev/data 0 - ${mode} ${words.length} ${words.join(' ')}`
}

async function visitWith(mode: string, more: string): Promise<void> {
  await visit()
  await type('workload stop app')
  await type('disk create data 2M')
  await type(`dmsetup create i --table '${table(mode, `${more} recalculate`)}'`)
  await region('Stack').getByRole('button', { name: '/dev/mapper/i' }).click()
}

test('the journal fills, is written out, and rot shows before anybody has read it', async () => {
  await visitWith('J', ' journal_sectors:900')
  await inspector()
    .getByText(/^Mode J: data and tags go through the journal/)
    .waitFor()
  await inspector()
    .getByText(/^All 1.024 blocks fit their tags/)
    .waitFor()
  await type('dd if=/dev/urandom of=/dev/mapper/i bs=4k seek=40 count=3 oflag=direct', '3+0 records out')
  await inspector()
    .getByText(/^Journal: 24 of \d+ entries taken, 24 blocks with newest bytes in it/)
    .waitFor()
  await soon(() => inspector().getByText('section 0: uncommitted, 24 of 168 entries, lap 1').count()).toBe(1)
  await type('dd if=/dev/zero of=/dev/mapper/i bs=512 count=1 oflag=direct conv=fsync', '1+0 records out')
  await soon(() =>
    inspector()
      .getByText(/^section 0: committed, 25 of 168 entries/)
      .count(),
  ).toBe(1)
  await type('fault add rot data 1400')
  await inspector()
    .getByText(/^1 of 1.024 blocks do not fit their tags: \d+\.$/)
    .waitFor()
  await pause()
  await expectAccessible()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible()
})

test('bits are set while something is being written, and what is recalculated is not checked', async () => {
  await visitWith('B', ' sectors_per_bit:64 bitmap_flush_interval:600000')
  await inspector()
    .getByText(/^Bitmap: 1 of/)
    .waitFor()
  await type('dd if=/dev/urandom of=/dev/mapper/i bs=4k seek=40 count=3 oflag=direct', '3+0 records out')
  await inspector()
    .getByText(/^Bitmap: 2 of \d+ bits set, 64 sectors each/)
    .waitFor()
  await pause()
  await expectAccessible()
})
