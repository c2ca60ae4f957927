/** What stands between a person and the machine: each is said plainly, and there is a way on from each. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Page, Worker } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  address,
  atFullSpeed,
  button,
  chunk,
  context,
  expectAccessible,
  expectConsistent,
  mistakes,
  openPage,
  output,
  page,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

const HASH = /[0-9a-f]{64}/g
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync'

/** A bare document of the page's origin: nothing holds the files while it is shown. */
async function leave(where: Page): Promise<void> {
  await context.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
  await where.goto(address('icon.svg'))
}

/** Does something to a file of the stored machine, while nobody has it open. */
async function spoil(file: string, change: { truncate?: number; text?: string }, where = page): Promise<void> {
  await leave(where)
  await where.evaluate(
    async ({ file, change }) => {
      const root = await navigator.storage.getDirectory()
      const folder = await (await root.getDirectoryHandle('machines')).getDirectoryHandle('first')
      const handle = await folder.getFileHandle(file)
      const stream = await handle.createWritable({ keepExistingData: change.text === undefined })
      if (change.text !== undefined) await stream.write(change.text)
      if (change.truncate !== undefined) await stream.truncate(change.truncate)
      await stream.close()
    },
    { file, change },
  )
}

/** The description of the stored machine. */
async function description(): Promise<string> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await (await root.getDirectoryHandle('machines')).getDirectoryHandle('first')
    return (await (await folder.getFileHandle('machine.json')).getFile()).text()
  })
}

/** What the first blocks of the array hold. */
async function hash(name: string): Promise<string> {
  await type(`dd if=/dev/md0 of=/tmp/${name} bs=64k count=3 iflag=direct`, 'copied')
  await type(`sha256sum /tmp/${name}`, new RegExp(`[0-9a-f]{64}  /tmp/${name}`))
  return (await output().innerText()).match(HASH)?.at(-1) ?? 'none'
}

/** In the light and in the dark; colours change at once where motion is reduced. */
async function expectBothAccessible(): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectAccessible()
  }
}

function alert(where: Page, text: string) {
  return where.getByRole('alert').filter({ hasText: text })
}

function status(where: Page, text: string) {
  return where.getByRole('status').filter({ hasText: text })
}

async function theWorker(): Promise<Worker> {
  await soon(() => page.workers().length).toBe(1)
  return page.workers()[0]
}

test('another tab takes the machine over, and this one can take it back', async () => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  const other = await openPage()
  await other.goto(address())
  await alert(other, 'Another tab of this browser has the machine.').waitFor()
  await other.getByRole('button', { name: 'Take over' }).click()
  await alert(page, 'Another tab has taken the machine over.').waitFor()
  await other.getByText('of your last visit').waitFor()
  await other.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  // What was the picture stays, and nothing can be done to it.
  expect(await chunk(15, 3).count()).toBe(1)
  expect(await button('Step forward').getAttribute('aria-disabled')).toBe('true')
  await expectBothAccessible()
  await button('Take it back').click()
  await alert(other, 'Another tab has taken the machine over.').waitFor()
  await output().getByText('of your last visit').waitFor()
  await button('Pause').waitFor()
  await atFullSpeed()
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

test('beside a tab that has the machine, there can be one in memory', async () => {
  await visit()
  const other = await openPage()
  await other.goto(address())
  await other.getByRole('button', { name: 'Use one in memory' }).click()
  await status(other, 'The disks are in memory.').waitFor()
  await other.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await other.close()
  await type('echo still here', 'still here')
})

test('where the browser keeps no files, disks are in memory, and that is said', async () => {
  await context.route(/engine_worker.*\.js$/, async (route) => {
    const response = await route.fetch()
    const body = `delete FileSystemFileHandle.prototype.createSyncAccessHandle;${await response.text()}`
    await route.fulfill({ response, body })
  })
  await visit()
  await status(page, 'The disks are in memory.').getByText('no private file system').waitFor()
  await expectAccessible()
  await button('Cut power').click()
  await button('Power on').click()
  await output().getByText('has been started with 4 drives').waitFor()
})

test('over plain http there are neither files nor locks, and it works all the same', async () => {
  await context.route('http://blockscope.test/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    await route.fulfill({ response: await route.fetch({ url: address(pathname.slice(1)) }) })
  })
  await page.goto('http://blockscope.test/')
  expect(await page.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false])
  await button('Pause').waitFor()
  await chunk(15, 3).waitFor()
  await status(page, 'The disks are in memory.').getByText('https').waitFor()
  // Before nobody answers any more for what the page brings later.
  await page.close()
  await context.unrouteAll({ behavior: 'ignoreErrors' })
})

const refusal = () => page.getByRole('dialog').getByRole('alert')

/** Asks for a file by the menu, and gives one. */
async function give(name: string, make: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'blockscope-files-'))
  try {
    const path = join(folder, name)
    await make(path)
    if ((await page.getByRole('dialog').count()) === 0) {
      await button('Share: export and import').click()
      await page.getByRole('menuitem', { name: /Bring in/ }).click()
    }
    const chooser = page.waitForEvent('filechooser')
    await button('Choose a file').click()
    await (await chooser).setFiles(path)
    // It is read before it goes.
    await page
      .getByRole('dialog')
      .getByText(/Drop a file|: a /)
      .first()
      .waitFor()
    await soon(() => page.getByText('Reading…').count()).toBe(0)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A blank image, as a disk. */
async function bringIn(bytes: number): Promise<void> {
  await give('blank.img', async (path) => {
    await writeFile(path, '')
    await truncate(path, bytes)
  })
  await button('Bring in as sde').click()
}

test('without room for a disk or an image, nothing is lost, and it is said', async () => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  const devtools = await context.newCDPSession(page)
  const { usage } = (await devtools.send('Storage.getUsageAndQuota', { origin: new URL(address()).origin })) as {
    usage: number
  }
  await devtools.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(address()).origin,
    quotaSize: usage + (1 << 20),
  })
  // An image that does not fit is refused, and the machine is as it was.
  await bringIn(8 << 20)
  await refusal().getByText('no room for the image').waitFor()
  await button('Not now').click()
  await type('disk create big 256M')
  await status(page, 'Disk big is in memory only').waitFor()
  await expectAccessible()
  await type('dd if=/dev/urandom of=/dev/big bs=64k count=2 oflag=direct', 'copied')
  // To bring one in means to start again from the files: what has none would be lost.
  await bringIn(512)
  await refusal().getByText('what is on big would be lost').waitFor()
  await button('Not now').click()
  await button('Go on').click()
  await status(page, 'Disk big').waitFor({ state: 'detached' })
  expect(await hash('after')).toBe(written)
  // There is room again.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(address()).origin })
  await page.reload()
  await status(page, 'Disk big comes back blank').waitFor()
  await output().getByText('of your last visit').waitFor()
  expect(await hash('again')).toBe(written)
})

/** From now on the browser refuses every write, or takes it again. */
async function refuseWrites(isRefusing: boolean): Promise<void> {
  await (
    await theWorker()
  ).evaluate((isRefusing) => {
    const handle = FileSystemSyncAccessHandle.prototype as { write: unknown; formerly?: unknown }
    handle.formerly ??= handle.write
    handle.write = isRefusing
      ? () => {
          throw new DOMException('No space left on device', 'QuotaExceededError')
        }
      : handle.formerly
  }, isRefusing)
}

test('a write that the browser refuses stops the machine, loses nothing, and can be tried again', async () => {
  await visit()
  await refuseWrites(true)
  await type(WRITE)
  await alert(page, 'The browser takes no more bytes.').getByText('No space left').waitFor()
  await button('Play').waitFor()
  await expectBothAccessible()
  await button('Try again').click()
  await alert(page, 'The browser takes no more bytes.').getByText('No space left').waitFor()
  await refuseWrites(false)
  await button('Try again').click()
  await button('Pause').waitFor()
  await alert(page, 'The browser takes no more bytes.').waitFor({ state: 'detached' })
  const written = await hash('before')
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await atFullSpeed()
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

test('after a refused write the machine can go on in memory; the next visit finds an instant that a cut could leave', async () => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  await refuseWrites(true)
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k seek=6 count=3 oflag=direct conv=fsync')
  await button('Go on in memory').click()
  await button('Pause').waitFor()
  await status(page, 'The disks are in memory since the browser refused a write.').waitFor()
  await expectAccessible()
  await type('dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync', 'copied')
  const later = await hash('later')
  expect(later).not.toBe(written)
  await page.reload()
  await output().getByText('of your last visit').waitFor()
  await atFullSpeed()
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

test('a file that was cut short is a disk that cannot be read there, and parity makes up for it', async () => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  await type('settle')
  await type('workload stop app')
  await type('settle')
  const { files } = JSON.parse(await description()) as { files: Record<string, string> }
  await spoil(files.sdb, { truncate: 1_100_000 })
  await page.goto(address())
  await status(page, 'The file of disk sdb was cut short').waitFor()
  await expectAccessible()
  await output().getByText('of your last visit').waitFor()
  await button('Go on').click()
  await status(page, 'cut short').waitFor({ state: 'detached' })
  await atFullSpeed()
  await type('settle')
  await type('echo repair > /sys/block/md0/md/sync_action')
  await type('settle')
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

test('a description that cannot be read is said, its files can be saved, and a person chooses', async () => {
  await visit()
  await spoil('machine.json', { text: '{"version": 1, "files": {' })
  await page.goto(address())
  const notice = alert(page, 'The stored machine cannot be opened.')
  await notice.getByText('it is no JSON').waitFor()
  await expectBothAccessible()
  const download = page.waitForEvent('download')
  await button('Save its files').click()
  const stream = await (await download).createReadStream()
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  const saved = unzipSync(new Uint8Array(Buffer.concat(parts)))
  expect(Object.values(saved).filter((bytes) => bytes.length === 2 << 20)).toHaveLength(4)
  await button('Use one in memory').click()
  await status(page, 'The disks are in memory.').waitFor()
  await button('Pause').waitFor()
  await leave(page)
  await page.goto(address())
  await notice.waitFor()
  page.once('dialog', (question) => void question.accept())
  await button('Start afresh').click()
  await button('Pause').waitFor()
  await chunk(15, 3).waitFor()
  await page.reload()
  await output().getByText('of your last visit').waitFor()
})

test.each([
  ['of a newer version', (text: string) => text.replace('"version": 1', '"version": 7'), 'version 7'],
  ['with a disk that is none', (text: string) => text.replace('"ssd"', '"floppy"'), 'one of its disks is none'],
  ['with a file of somebody else’s', (text: string) => text.replace(/disk-\d+\.img/, '../other'), 'strange name'],
])('a description %s is refused in plain words', async (_, change, words) => {
  await visit()
  await leave(page)
  await spoil('machine.json', { text: change(await description()) })
  await page.goto(address())
  await alert(page, 'The stored machine cannot be opened.').getByText(words).waitFor()
})

test.each([
  [
    'throws',
    () => {
      setTimeout(() => {
        throw new Error('out of ideas')
      })
    },
    'out of ideas',
  ],
  ['is ended by the browser', () => self.close(), 'want of memory'],
])('a worker that %s is noticed, and the machine is powered on again from its disks', async (_, act, words) => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  await type('settle')
  await (await theWorker()).evaluate(act)
  await alert(page, 'The worker that ran the machine has died.').getByText(words).waitFor()
  await expectBothAccessible()
  // The browser says so, too.
  mistakes.length = 0
  await button('Power on again').click()
  await output().getByText('of your last visit').waitFor()
  await button('Pause').waitFor()
  await atFullSpeed()
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

/** Keeps the worker from answering anything, as something long would, until it is let go. @returns what lets it go */
async function silence(): Promise<() => void> {
  let letGo = (): void => undefined
  const isOver = new Promise<void>((resolve) => (letGo = resolve))
  await context.route('**/something-long', async (route) => {
    await isOver
    await route.fulfill({ body: '' }).catch(() => undefined)
  })
  const worker = await theWorker()
  void worker
    .evaluate(() => {
      const request = new XMLHttpRequest()
      request.open('GET', 'something-long', false)
      request.send()
    })
    .catch(() => undefined)
  return letGo
}

test('a worker that does not answer is told of; when it answers, that is over', async () => {
  await visit()
  const letGo = await silence()
  const notice = alert(page, 'The machine does not answer.')
  await notice.waitFor()
  await expectBothAccessible()
  letGo()
  await notice.waitFor({ state: 'detached' })
  await type('echo still here', 'still here')
})

test('a worker that never answers again is ended, and the machine is powered on from its disks', async () => {
  await visit()
  await type(WRITE, 'copied')
  const written = await hash('before')
  await type('settle')
  const letGo = await silence()
  await alert(page, 'The machine does not answer.').waitFor()
  await button('Power on again').click()
  await output().getByText('of your last visit').waitFor()
  letGo()
  await button('Pause').waitFor()
  expect(await alert(page, 'The machine does not answer.').count()).toBe(0)
  await atFullSpeed()
  await expectConsistent()
  expect(await hash('after')).toBe(written)
})

test('files that are no disk and no script are refused, and nothing in a file is more than text', async () => {
  await visit()
  await give('odd.img', (path) => writeFile(path, Buffer.alloc(1000)))
  await refusal().getByText('whole number of sectors').waitFor()
  await give('huge.img', async (path) => {
    await writeFile(path, '')
    await truncate(path, 2 ** 30 + 512)
  })
  await refusal().getByText('larger than 1 GiB').waitFor()
  await give('null.img', (path) => writeFile(path, Buffer.alloc(4096)))
  await page.getByRole('combobox', { name: 'as disk' }).fill('null')
  await button('Bring in as null').click()
  await refusal().getByText('no name for a disk').waitFor()
  await button('Not now').click()
  const evil = '<img src=x onerror="window.ran = 1"><script>window.ran = 2</script>'
  await give('<img src=x onerror=window.ran=3>.lab', (path) =>
    writeFile(path, `echo '${evil}'\njavascript:window.ran=4\n`),
  )
  await page.getByRole('dialog').getByText(evil).waitFor()
  await page.getByRole('checkbox', { name: 'go on after a command that fails' }).check()
  await button('Type 2 commands').click()
  await output().getByText('javascript:window.ran=4: ').waitFor()
  expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined()
  expect(await page.locator('img[src="x"]').count()).toBe(0)
})

test('no code runs but the page’s own: not from text, not from elsewhere', async () => {
  await visit()
  const refused = await page.evaluate(async () => {
    const violations: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
    const attempt = (act: () => unknown): string => {
      try {
        act()
        return 'done'
      } catch (error) {
        return error instanceof Error ? error.name : String(error)
      }
    }
    const script = document.createElement('script')
    const outcomes = [
      attempt(() => (script.textContent = 'window.ran = 1')),
      attempt(() => document.body.append(script)),
      attempt(() => (document.body.appendChild(document.createElement('div')).innerHTML = '<img src=x>')),
      attempt(() => new Worker('https://example.org/worker.js')),
      attempt(() => (document.createElement('script').src = 'https://example.org/script.js')),
    ]
    const fetched = await fetch('https://example.org/').then(
      () => 'fetched',
      () => 'refused',
    )
    // They are told of later.
    await new Promise((resolve) => setTimeout(resolve, 200))
    return { outcomes, fetched, violations, ran: (window as { ran?: number }).ran }
  })
  expect(refused.ran).toBeUndefined()
  expect(refused.fetched).toBe('refused')
  expect(refused.outcomes.slice(2)).toEqual(['TypeError', 'TypeError', 'TypeError'])
  expect(refused.violations).toEqual(expect.arrayContaining(['connect-src', 'require-trusted-types-for']))
  // Each of them is an error in the browser's console.
  expect(mistakes.length).toBeGreaterThan(0)
  mistakes.length = 0
})
