import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleWorker, openPage } from '../bench/bundle.ts'
import { launch, type Browser } from '../tools/browser.ts'

let code: string
let browser: Browser
let page: Page

beforeAll(async () => {
  code = await bundleWorker('workers/browser/opfs_probe.ts')
})

beforeEach(async () => {
  browser = await launch()
  page = await openPage(browser.context, { 'worker.js': code })
  return () => browser.close()
})

afterAll(() => browser?.close())

/** A worker in the page, by the name under which the page keeps it. */
async function begin(name: string): Promise<void> {
  await page.evaluate((name) => {
    Object.assign(window, { [name]: new Worker('worker.js', { type: 'module' }) })
  }, name)
}

/** @errors throws what the probe threw */
async function probe(name: string, what: string): Promise<unknown> {
  return page.evaluate(
    ([name, what]) =>
      new Promise((resolve, reject) => {
        const worker = (window as unknown as Record<string, Worker>)[name]
        worker.onmessage = (event) =>
          'error' in event.data ? reject(new Error(event.data.error)) : resolve(event.data.value)
        worker.onerror = (event) => reject(new Error(event.message))
        worker.postMessage(what)
      }),
    [name, what] as const,
  )
}

async function kill(name: string): Promise<void> {
  await page.evaluate((name) => (window as unknown as Record<string, Worker>)[name].terminate(), name)
}

test('the private file system keeps the contract of all backings', async () => {
  await begin('a')
  expect(await probe('a', 'known')).toBe(true)
  expect(await probe('a', 'contract')).toEqual([])
})

test('a killed worker’s machine is found again, with its bytes', async () => {
  await begin('a')
  expect(await probe('a', 'create')).toBeNull()
  await kill('a')
  await begin('b')
  const found = await probe('b', 'open')
  expect(found).toMatchObject({ notices: [], sda: 11, sda0: 0, sdb: 12 })
  expect(found).toMatchObject({
    stored: { visit: 1, seed: 5, bootScript: 'true', disks: [{ name: 'sda' }, { pulled: true }] },
  })
})

test('many disks at once, one blank in the place of an old one, and nothing left over', async () => {
  await begin('a')
  await probe('a', 'create')
  const more = await probe('a', 'more')
  expect(more).toMatchObject({ made: true, beyond: true, old: 0 })
  expect((more as { notices: string[] }).notices).toEqual([
    'Disk x10 is in memory only, and will be blank on the next visit: no file was ready for it.',
  ])
  await probe('a', 'save')
  await kill('a')
  await begin('b')
  expect(await probe('b', 'open')).toMatchObject({ stored: { visit: 2 }, sda: 0, sda0: 77, sdb: 12 })
  await probe('b', 'close')
  await begin('c')
  expect(await probe('c', 'open')).toMatchObject({ stored: { visit: 2 }, sda0: 77 })
  // The description, the log, the two disks, and the spares; the disks that were never described are gone.
  expect(await probe('c', 'files')).toHaveLength(2 + 2 + 4)
})

test.each([
  ['noted', { sda: 11, sdb: 12, stored: { visit: 1 } }],
  ['committed', { sda: 99, sdb: 98, stored: { visit: 9 } }],
  ['restored', { sda: 99, sdb: 98, stored: { visit: 9 } }],
])(
  'a worker that is killed while another moment becomes live (%s) leaves one moment or the other',
  async (what, found) => {
    await begin('a')
    await probe('a', 'create')
    await probe('a', what)
    await kill('a')
    await begin('b')
    expect(await probe('b', 'open')).toMatchObject(found)
    await probe('b', 'close')
    await begin('c')
    expect(await probe('c', 'open')).toMatchObject(found)
  },
)

test('a second tab is told that the first one has the machine', async () => {
  await begin('a')
  await probe('a', 'create')
  await begin('b')
  const refused = await probe('b', 'open')
  expect(refused).toMatchObject({ reason: 'locked' })
  expect((refused as { message: string }).message).toMatch(/another tab/)
  await kill('a')
  expect(await probe('b', 'open')).toMatchObject({ sda: 11 })
})

test('a wiped machine is gone, at once and for the next visit', async () => {
  await begin('a')
  await probe('a', 'create')
  expect(await probe('a', 'wipe')).toEqual({ stored: null, sda: null, made: true })
  await kill('a')
  await begin('b')
  expect(await probe('b', 'open')).toMatchObject({ stored: null, sda: null })
})

test('a spoilt description is said, not guessed', async () => {
  await begin('a')
  await probe('a', 'create')
  await probe('a', 'close')
  await probe('a', 'spoil')
  await begin('b')
  expect(await probe('b', 'open')).toMatchObject({ reason: 'damaged' })
})
