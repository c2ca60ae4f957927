/** Links: the address holds the moment; a link opens it in memory, exactly there; the own machine is never touched. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { unzipSync } from 'fflate'
import { beforeEach, describe, expect, test } from 'vitest'
import { readMoment, writeMoment } from '../engine/lab/moment_text.ts'
import { launch } from '../workers/tools/browser.ts'
import {
  address,
  button,
  context,
  dialog,
  expectAccessible,
  leaveFields,
  mistakes,
  openPage,
  output,
  page,
  pause,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

const NOTICE = 'This is a link: a machine in memory; yours is untouched.'
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=64k count=6 oflag=direct'

beforeEach(() => context.grantPermissions(['clipboard-read', 'clipboard-write']))

const stepOf = async (where: Page): Promise<number> =>
  Number(await where.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuenow'))
const hashOf = (where: Page): Promise<string> => where.evaluate(() => location.hash)
const named = (where: Page, name: string) => where.getByRole('button', { name, exact: true })

/** The address, once it has caught up with what is shown: it stands still then. */
async function presentHash(): Promise<string> {
  let before = ''
  await soon(async () => {
    const hash = await hashOf(page)
    const moment = readMoment(hash.slice(1).split('~')[0])
    const isSame = hash === before
    before = hash
    await page.waitForTimeout(500)
    return isSame && moment.ok && moment.value.step === (await stepOf(page))
  }).toBe(true)
  return before
}

/** What the copied link is. */
async function copyLink(where = page): Promise<string> {
  await named(where, 'Copy link').click()
  await where.getByText(/^Link to step .* copied/).waitFor()
  return where.evaluate(() => navigator.clipboard.readText())
}

/** The SHA-256 of each disk's medium, as the page exports it. */
async function images(where: Page): Promise<Record<string, string>> {
  await named(where, 'Share: export and import').click()
  const [saved] = await Promise.all([
    where.waitForEvent('download'),
    where.getByRole('menuitem', { name: 'All disks', exact: true }).click(),
  ])
  const files = Object.entries(unzipSync(await readFile(await saved.path())))
  const disks = files.filter(([name]) => name.endsWith('.img'))
  return Object.fromEntries(disks.map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]))
}

/** The picture as text: status, every chunk by its name, every bit. */
function stageText(where: Page): Promise<string> {
  return where.evaluate(() => {
    const stage = document.querySelector('section[aria-label=Stage]')
    const parts = [...(stage?.querySelectorAll('[data-stripe], [aria-label*="bit"]') ?? [])]
    const labels = parts.map((element) => element.getAttribute('aria-label') ?? element.textContent)
    return [stage?.querySelector('.stage-head')?.textContent, ...labels].join('\n')
  })
}

/** In the middle of a write: paused, with the command under way. */
async function midWrite(): Promise<void> {
  await type('workload stop app')
  await type('settle')
  await pause()
  await type(WRITE)
  const before = await stepOf(page)
  for (let i = 1; i <= 7; i++) {
    await button('Step forward').click()
    await soon(() => stepOf(page)).toBe(before + i)
  }
}

/** Hashes of what this browser's file system holds of machines, by the files' names. */
function ownFiles(where: Page): Promise<Record<string, string>> {
  return where.evaluate(async () => {
    const hashes: Record<string, string> = {}
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, entry] of folder.entries()) {
        if (entry instanceof FileSystemDirectoryHandle) await walk(entry, `${path}${name}/`)
        else if (entry instanceof FileSystemFileHandle) {
          const digest = await crypto.subtle.digest('SHA-256', await (await entry.getFile()).arrayBuffer())
          hashes[path + name] = Array.from(new Uint8Array(digest), (byte) => byte.toString(16)).join(' ')
        }
      }
    }
    await walk(await navigator.storage.getDirectory(), '')
    return hashes
  })
}

/** A visit with a profile of its own, where nobody has been before. */
async function elsewhere(link: string, act: (there: Page) => Promise<void>): Promise<void> {
  const other = await launch()
  try {
    const there = await other.context.newPage()
    await there.setViewportSize({ width: 1440, height: 900 })
    there.on('pageerror', (error) => mistakes.push(error.message))
    await there.goto(link)
    await act(there)
  } finally {
    await other.close()
  }
}

async function expectArrived(there: Page, step: number): Promise<void> {
  await there.getByText(NOTICE).waitFor()
  await soon(() => stepOf(there)).toBe(step)
  await named(there, 'Play').waitFor()
}

test('a link copied in the middle of a write opens there: the same step, picture and bytes', async () => {
  await visit()
  await midWrite()
  const step = await stepOf(page)
  const link = await copyLink()
  expect(link).toMatch(/\/#m1\.[\w-]+$/)
  const [stage, disks] = [await stageText(page), await images(page)]
  expect(Object.keys(disks)).toEqual(['sda.img', 'sdb.img', 'sdc.img', 'sdd.img'])
  await elsewhere(link, async (there) => {
    await expectArrived(there, step)
    await soon(() => stageText(there)).toBe(stage)
    expect(await images(there)).toEqual(disks)
    await there.getByRole('log', { name: 'Console output' }).getByText(WRITE, { exact: true }).waitFor()
    // It is a machine like any other: the write goes on, and its past is there.
    await named(there, 'Step forward').click()
    await soon(() => stepOf(there)).toBe(step + 1)
    await named(there, 'Step back').click()
    await soon(() => stepOf(there)).toBe(step)
    await soon(() => stageText(there)).toBe(stage)
    await soon(() => hashOf(there)).toBe(new URL(link).hash)
    // Nothing was kept in that browser.
    expect(await ownFiles(there)).toEqual({})
    await named(there, 'Back to my machine').click()
    await there.getByText('try “help”').waitFor()
    await named(there, 'Pause').waitFor()
    expect(await there.getByText(NOTICE).count()).toBe(0)
  })
})

test('the address follows: a step, a step back, a line; reloaded, it is a power-on and a recovery', async () => {
  await visit()
  await pause()
  const first = await presentHash()
  expect(first).toMatch(/^#m1\.[\w-]+~[\w-]{16}$/)
  await button('Step back').click()
  await soon(() => hashOf(page)).not.toBe(first)
  const back = await presentHash()
  await button('Live').click()
  await soon(() => hashOf(page)).toBe(first)
  await type('workload stop app')
  await soon(() => hashOf(page)).not.toBe(first)
  const name = first.slice(first.indexOf('~'))
  expect(await hashOf(page)).toContain(name)
  await button('Play').click()
  await type('settle')
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync', 'copied')
  await pause()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await output().getByText('has been started with 4 drives').waitFor()
  expect(await page.getByText(NOTICE).count()).toBe(0)
  // A new recording has begun; the old address names one that these disks do not hold any more.
  await pause()
  await soon(() => hashOf(page)).toMatch(/^#m1\./)
  expect(await hashOf(page)).not.toContain(name)
  await page.close()
  const later = await openPage()
  await later.goto(address(back))
  await later.getByText(NOTICE).waitFor()
})

test('where another tab has the machine, its moment opens in memory; when that tab is closed, this one goes on', async () => {
  await visit()
  await pause()
  const own = await presentHash()
  const step = await stepOf(page)
  const other = await openPage()
  await other.goto(address(own))
  await other.getByText('Another tab of this browser has the machine.').waitFor()
  await expectAccessible(other)
  await named(other, 'Open this moment in memory').click()
  await expectArrived(other, step)
  await named(other, 'Step forward').click()
  await soon(() => stepOf(other)).toBe(step + 1)
  // What it names is not this tab's: a copy leads to the moment alone.
  await soon(() => hashOf(other)).toMatch(/^#m1\.[\w-]+$/)
  expect(await stepOf(page)).toBe(step)
  await button('Step forward').click()
  await soon(() => stepOf(page)).toBe(step + 1)
  await named(other, 'Back to my machine').click()
  await other.getByText('Another tab of this browser has the machine.').waitFor()
  expect(await named(other, 'Open this moment in memory').count()).toBe(0)
  await page.close()
  await other.getByText('of your last visit').waitFor()
  await named(other, 'Pause').waitFor()
  expect(await other.getByText('Another tab of this browser has the machine.').count()).toBe(0)
})

test('a link that is opened beside leaves the own files alone', async () => {
  await visit()
  await midWrite()
  const link = await copyLink()
  const step = await stepOf(page)
  // What the next visit is to find is written within the second.
  await page.waitForTimeout(1500)
  await page.close()
  const beside = await openPage()
  const blank = '<title>blank</title><link rel="icon" href="data:,">'
  await beside.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: blank }))
  await beside.goto(address('blank'))
  const before = await ownFiles(beside)
  expect(Object.keys(before).length).toBeGreaterThan(4)
  await beside.goto(link)
  await expectArrived(beside, step)
  await named(beside, 'Play').click()
  await soon(() => stepOf(beside)).toBeGreaterThan(step + 20)
  expect(await ownFiles(beside)).toEqual(before)
  await named(beside, 'Back to my machine').click()
  await beside.getByText('of your last visit').waitFor()
  await soon(() => hashOf(beside)).toMatch(/~/)
})

test('a link that is pasted into an open page: the own machine waits, and is found as it was left', async () => {
  await visit()
  await midWrite()
  const link = await copyLink()
  const [step, stage, disks] = [await stepOf(page), await stageText(page), await images(page)]
  await button('Step forward').click()
  await soon(() => stepOf(page)).toBe(step + 1)
  const [own, ownStage] = [await presentHash(), await stageText(page)]
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash)
  await expectArrived(page, step)
  await soon(() => stageText(page)).toBe(stage)
  expect(await images(page)).toEqual(disks)
  await type('power cut')
  await button('Power on').waitFor()
  await button('Back to my machine').click()
  await soon(() => page.getByText(NOTICE).count()).toBe(0)
  await soon(() => stepOf(page)).toBe(step + 1)
  await soon(() => stageText(page)).toBe(ownStage)
  await button('Cut power').waitFor()
  await output().getByText(WRITE, { exact: true }).waitFor()
  expect(await output().getByText('power cut', { exact: true }).count()).toBe(0)
  await soon(() => hashOf(page)).toBe(own)
  await button('Play').click()
  await output().getByText('copied').first().waitFor()
})

describe('a link that cannot be opened', () => {
  test.each([
    ['#m1.AAAAAAAAAAAAAAAAAA', /damaged/],
    ['#m99.AAAA', /version 99.*newer page/],
    ['#nonsense', /no moment/],
    ['#~AAAAAAAAAAAAAAAA', /another browser/],
  ])('%s says why, and leads on', async (hash, why) => {
    await page.goto(address(hash))
    const alert = page.getByRole('alert')
    await alert.getByText('The link cannot be opened.').waitFor()
    expect(await alert.innerText()).toMatch(why)
    expect(await ownFiles(page)).toEqual({})
    await expectAccessible()
    await button('Open my machine').click()
    await output().getByText('try “help”').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await soon(() => hashOf(page)).toMatch(/^#m1\.[\w-]+~/)
  })

  test('pasted into an open page, it changes nothing', async () => {
    await visit()
    await pause()
    const step = await stepOf(page)
    const own = await presentHash()
    await page.evaluate(() => (location.hash = '#m1.broken'))
    await page.getByText('The link cannot be opened.').waitFor()
    expect(await stepOf(page)).toBe(step)
    await button('Stay here').click()
    await soon(() => hashOf(page)).toBe(own)
    expect(await page.getByText('The link cannot be opened.').count()).toBe(0)
  })

  test('a long one shows how far it is, and can be ended', async () => {
    await visit()
    await pause()
    const moment = readMoment(new URL(await copyLink()).hash.slice(1))
    if (!moment.ok) throw new Error(moment.message)
    const text = writeMoment({ ...moment.value, delivered: 900_000_000, step: 500_000_000 })
    if (!text.ok) throw new Error(text.message)
    await elsewhere(address(`#${text.value}`), async (there) => {
      await there.getByText('A link is being opened.').waitFor()
      await soon(async () =>
        Number(await there.getByRole('progressbar', { name: 'Opening the link' }).getAttribute('value')),
      ).toBeGreaterThan(0)
      await named(there, 'Cancel').click()
      await there.getByText(NOTICE).waitFor()
      await there.getByText(/It was ended early, at step \d+ of 500000000/).waitFor()
      const step = await stepOf(there)
      await named(there, 'Step forward').click()
      await soon(() => stepOf(there)).toBe(step + 1)
    })
  })
})

test('what is too long for an address is said, and the address still names the own machine', async () => {
  await visit()
  const line = (i: number) => createHash('sha512').update(String(i)).digest('base64').repeat(1)
  const text = Array.from({ length: 1200 }, (_, i) => line(i)).join('')
  await type('workload stop app')
  await page.getByRole('textbox', { name: 'Command' }).fill(`echo ${text} > /tmp/x`)
  await page.keyboard.press('Enter')
  await pause()
  await output()
    .getByText(/The address does not hold this moment any more/)
    .waitFor()
  await soon(() => hashOf(page)).toMatch(/^#~[\w-]{16}$/)
  expect(await button('Copy link').getAttribute('title')).toMatch(/too much was typed.*export the recording/)
  // Before that line, there is a link again.
  await leaveFields()
  await page.keyboard.press('Control+z')
  await soon(() => hashOf(page)).toMatch(/^#m1\./)
  expect(await button('Copy link').getAttribute('aria-disabled')).toBeNull()
  await button('Live').click()
  await soon(() => hashOf(page)).toMatch(/^#~/)
  const other = await openPage()
  await other.goto(address(await hashOf(page)))
  const way = named(other, 'Open this moment in memory')
  await way.waitFor()
  expect(await way.getAttribute('title')).toMatch(/it only names the machine.*export/)
  await other.close()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
})

test.each(['light', 'dark'] as const)(
  'a recording that began on disks with bytes asks for them, %s',
  async (scheme) => {
    await visit()
    await type('workload stop app')
    await type('settle')
    await page.reload()
    await output().getByText('of your last visit').waitFor()
    await output().getByText('has been started with 4 drives').waitFor()
    await pause()
    await named(page, 'Copy link').click()
    await page.getByText(/will ask for their images \(sda, sdb, sdc, sdd\)/).waitFor()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    const [step, stage, disks] = [await stepOf(page), await stageText(page), await images(page)]
    await button('Share: export and import').click()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Disks as the recording began', exact: true }).click(),
    ])
    const folder = await mkdtemp(join(tmpdir(), 'blockscope-images-'))
    try {
      const archive = join(folder, 'beginning.zip')
      await saved.saveAs(archive)
      const wrong = join(folder, 'sda.img')
      await writeFile(wrong, Buffer.alloc(2 << 20, 7))
      await elsewhere(link, async (there) => {
        await there.emulateMedia({ colorScheme: scheme })
        const asked = there.getByRole('dialog', { name: 'Images' })
        await asked.waitFor()
        expect(await asked.getByRole('row').count()).toBe(5)
        expect(await asked.getByText('missing', { exact: true }).count()).toBe(4)
        const give = async (file: string): Promise<void> => {
          const [chooser] = await Promise.all([there.waitForEvent('filechooser'), named(there, 'Choose files').click()])
          await chooser.setFiles(file)
        }
        await give(wrong)
        await asked.getByText(/sda\.img has the right size, and other bytes/).waitFor()
        await expectAccessible(there)
        await give(archive)
        await expectArrived(there, step)
        expect(await asked.count()).toBe(0)
        await soon(() => stageText(there)).toBe(stage)
        expect(await images(there)).toEqual(disks)
        await expectAccessible(there)
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('images are dropped on the page; not now leads to the own machine', async () => {
  await visit()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await pause()
  await named(page, 'Copy link').click()
  await page.getByText(/will ask for their images/).waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await elsewhere(link, async (there) => {
    const asked = there.getByRole('dialog', { name: 'Images' })
    await asked.waitFor()
    await there.evaluate(() => {
      const files = new DataTransfer()
      files.items.add(new File([new Uint8Array(99)], 'odd.img'))
      dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }))
    })
    await asked.getByText('odd.img has 99 bytes: no image of that size is asked for.').waitFor()
    await named(there, 'Not now').click()
    await there.getByText('try “help”').waitFor()
    expect(await asked.count()).toBe(0)
    expect(await there.getByText('A link asks for disk images.').count()).toBe(0)
  })
})

test.each(['light', 'dark'] as const)('where the browser copies nothing, the link is shown, %s', async (scheme) => {
  await page.emulateMedia({ colorScheme: scheme })
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('no')) } })
  })
  await visit()
  await pause()
  await button('Copy link').click()
  const shown = dialog('Link').getByRole('textbox', { name: 'Link to this moment' })
  await shown.waitFor()
  const link = await shown.inputValue()
  const selected = await shown.evaluate((element: HTMLTextAreaElement) => [
    element.selectionStart,
    element.selectionEnd,
  ])
  expect(selected).toEqual([0, link.length])
  expect(readMoment(new URL(link).hash.slice(1)).ok).toBe(true)
  await expectAccessible()
})

test('the palette copies a link, too', async () => {
  await visit()
  await pause()
  await leaveFields()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('What shall be done?').fill('copy link')
  await page.keyboard.press('Enter')
  await page.getByText(/^Link to step .* copied/).waitFor()
  await expectAccessible()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(new URL(link).hash).toBe((await presentHash()).split('~')[0])
})
