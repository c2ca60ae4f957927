/** Cutting the power with a choice, workloads, faults, files out and in: in a real Chromium, with the real machine. */
import { readFile } from 'node:fs/promises'
import { unzipSync } from 'fflate'
import { decode, decodeFrame } from 'modern-gif'
import { expect, test } from 'vitest'
import type { ChromeTrace } from '../engine/api/trace_export.ts'
import {
  address,
  button,
  chunk,
  context,
  dialog,
  expectAccessible,
  output,
  page,
  pause,
  region,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

/** Chooses from the menu of files, and reads what the browser saves. */
async function download(entry: string): Promise<{ name: string; bytes: Buffer }> {
  await button('Share: export and import').click()
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: entry, exact: true }).click(),
  ])
  return { name: saved.suggestedFilename(), bytes: await readFile(await saved.path()) }
}

/** Steps until something is at stake that the dialog can list. */
async function pauseWithSomethingAtStake(): Promise<void> {
  await pause()
  for (let i = 0; i < 80; i++) {
    if (await page.locator('.stage-drawing :is(.chunk-data, .chunk-parity) .chunk-volatile').count()) return
    await button('Step forward').click()
    await page.waitForTimeout(60)
  }
  throw new Error('no disk ever had a page of a stripe in its cache')
}

test('of what is not flushed, what was ticked survives, as the line says', async () => {
  await visit()
  await pauseWithSomethingAtStake()
  await button('When, and what survives').click()
  const cut = dialog('Cut power')
  await cut.waitFor()
  await cut.getByText('power cut --keep none', { exact: true }).waitFor()
  const ticks = cut.getByRole('checkbox', { name: /of stripe .*, survives$/ })
  await ticks.first().check()
  const line = cut.locator('.dialog-line')
  const typed = await line.innerText()
  expect(typed).toMatch(/^power cut --keep (all|sd\w:\d+\+\d+)/)
  await cut.getByText(/^\d+ of \d+ sectors at stake survive\.$/).waitFor()
  await cut
    .getByRole('button', { name: /^Tear .* of stripe/ })
    .first()
    .click()
  await expect.poll(() => line.innerText()).toMatch(/^power cut --keep sd\w:\d+\+4/)
  await cut
    .getByRole('checkbox', { name: /^sector \d+$/, checked: true })
    .first()
    .uncheck()
  await expect.poll(() => line.innerText()).toMatch(/^power cut --keep sd\w:\d+\+3/)
  const last = await line.innerText()
  await cut.getByRole('button', { name: 'Cut power' }).click()
  await output().getByText(last, { exact: true }).waitFor()
  await button('Power on').waitFor()
})

test('the preview says what each disk would hold and whether parity fits', async () => {
  await visit()
  await pauseWithSomethingAtStake()
  await button('When, and what survives').click()
  await dialog().getByText('everything', { exact: true }).click()
  await dialog().getByText('power cut --keep all', { exact: true }).waitFor()
  await dialog()
    .getByText(/(Parity would fit everywhere|No stripe has anything|stripe pages? at stake)/)
    .waitFor()
  await dialog().getByText('by chance', { exact: true }).click()
  await dialog()
    .getByRole('button', { name: /^Throw now/ })
    .click()
  await expect.poll(() => dialog().locator('.dialog-line').innerText()).toMatch(/--keep (none|all|sd)/)
  await dialog().getByText('after disk writes', { exact: true }).click()
  await dialog().getByRole('textbox', { name: 'writes' }).fill('0')
  await dialog().getByText('A number of writes, from 1 on, is wanted.').waitFor()
})

test('a long press on the button opens the dialog, and its click cuts nothing; closing it plays on', async () => {
  await visit()
  const box = (await button('Cut power').boundingBox())!
  await page.mouse.move(box.x + 20, box.y + 10)
  await page.mouse.down()
  await dialog('Cut power').waitFor()
  await page.mouse.up()
  expect(await output().getByText('power cut').count()).toBe(0)
  await page.keyboard.press('Escape')
  await button('Pause').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing on the dialogs, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  await visit()
  await pauseWithSomethingAtStake()
  await button('When, and what survives').click()
  await dialog()
    .getByText(/sectors at stake survive/)
    .waitFor()
  await dialog().getByRole('button', { name: /^Tear/ }).first().click()
  await expectAccessible()
  await page.keyboard.press('Escape')
  await button('Workloads').click()
  await region('Performance').waitFor()
  await expectAccessible()
  await page.keyboard.press('Escape')
  await button('Add a fault').click()
  await button('Share: export and import').click()
  await page.getByRole('menuitem', { name: /^Bring in/ }).click()
  await dialog('Import').waitFor()
  await expectAccessible()
})

test('on a phone the dialogs fit, and axe finds nothing', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(address())
  await chunk(15, 3).waitFor()
  const widest = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
  await soon(widest).toBeLessThanOrEqual(390)
  for (const name of ['When, and what survives', 'Workloads']) {
    await button(name).click()
    await dialog().getByRole('button', { name: 'Close' }).waitFor()
    const inside = await page.evaluate(() => {
      const body = document.querySelector('.dialog-body')!
      return body.scrollWidth - body.clientWidth
    })
    expect(inside).toBeLessThanOrEqual(0)
    await expectAccessible()
    await page.keyboard.press('Escape')
  }
})

test('a workload is started by a form, shows its price and its latencies, and is stopped', async () => {
  await visit()
  await button('Workloads').click()
  const form = page.getByRole('form', { name: 'A new workload' })
  await form.getByRole('textbox', { name: 'name' }).fill('mine')
  await form.getByRole('textbox', { name: 'size' }).fill('100')
  await form.getByText('Whole sectors up to 4M').waitFor()
  await form.getByRole('textbox', { name: 'size' }).fill('4K')
  await form.getByRole('textbox', { name: 'reads' }).fill('50')
  await form.getByRole('button', { name: 'Start' }).click()
  const running = region('Running workloads')
  await running.getByText('mine', { exact: true }).waitFor()
  const performance = region('Performance')
  await performance.getByText(/^1 write = .* reads \+ 1\.0 data writes \+ 1\.0 parity writes/).waitFor()
  await performance.getByText(/^1 read = 1\.0 disk I\/Os/).waitFor()
  await page.getByRole('img', { name: /^Latency of md0\. Writes: \d+ done, median/ }).waitFor()
  expect(await page.getByRole('img', { name: /^(I\/Os|Bytes) of/ }).count()).toBe(10)
  await running.getByRole('button', { name: 'Stop mine' }).click()
  await soon(() => running.getByText('mine', { exact: true }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await output()
    .getByText('workload start mine /dev/md0 --pattern random --read 50 --size 4K --depth 4 --rate 1000', {
      exact: true,
    })
    .waitFor()
})

test('a fault is added, listed and lifted, each by its line', async () => {
  await visit()
  const faults = region('Faults')
  await faults.getByRole('button', { name: 'Add a fault' }).click()
  await faults.getByRole('textbox').fill('3000+8')
  await faults.getByRole('button', { name: 'Add', exact: true }).click()
  await output().getByText('fault add latent sda 3000+8', { exact: true }).waitFor()
  await faults.getByText('latent sda 3000+8').waitFor()
  await faults.getByRole('button', { name: 'Lift fault 1' }).click()
  await output().getByText('fault lift 1', { exact: true }).waitFor()
  await page.locator('g[data-stripe="2"][data-slot="1"]').first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'sdb: ten times slower' }).click()
  await output().getByText('fault add slow sdb 10', { exact: true }).waitFor()
  await faults.getByText('slow sdb').waitFor()
})

test('disks, recording, trace and pictures leave as files', async () => {
  await visit()
  await type('dd if=/dev/urandom of=/dev/md0 bs=4k count=3 oflag=direct', 'copied')
  const disk = await download('Disk sda')
  expect(disk.name).toMatch(/^blockscope-seed1-step\d+-sda\.img$/)
  expect(disk.bytes.length).toBe(2 << 20)
  // The superblock of md, version 1.2.
  expect(disk.bytes.readUInt32LE(4096)).toBe(0xa92b4efc)
  const archive = unzipSync((await download('All disks')).bytes)
  expect(Object.keys(archive).sort()).toEqual(['recording.lab', 'sda.img', 'sdb.img', 'sdc.img', 'sdd.img'])
  const recording = (await download('Recording')).bytes.toString()
  expect(recording).toMatch(/^seed 1\n# epoch \d+\n/)
  expect(recording).toContain('\ndd if=/dev/urandom of=/dev/md0 bs=4k count=3 oflag=direct\n')
  const trace = JSON.parse((await download('Trace')).bytes.toString()) as ChromeTrace
  const names = trace.traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args?.name)
  expect(names).toEqual(['machine', 'console', 'md0', 'sda', 'sdb', 'sdc', 'sdd'])
  expect(trace.traceEvents.some(({ cat, name }) => cat === 'command' && name.startsWith('dd if'))).toBe(true)
  const svg = (await download('Stage as a picture')).bytes.toString()
  expect(svg).toContain('/dev/md0')
  expect(svg).not.toMatch(/var\(--|class=|https?:\/\/(?!www\.w3\.org)/)
  const png = (await download('Stage as a picture in dots')).bytes
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.readUInt32BE(16)).toBeGreaterThan(1000)
})

test('the last steps leave the page as a moving picture, and the page is where it was', async () => {
  await visit()
  await pause()
  const step = async (): Promise<number> =>
    Number(await page.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuenow'))
  const before = await step()
  const { name, bytes: saved } = await download('The last steps as a moving picture')
  const bytes = Uint8Array.from(saved)
  expect(name).toMatch(/-steps\.gif$/)
  const gif = decode(bytes)
  expect(gif.version).toBe('89a')
  expect(gif.width).toBeGreaterThan(500)
  // Frames that show the same are one.
  expect(gif.frames.length).toBeGreaterThan(10)
  expect(gif.frames.length).toBeLessThanOrEqual(40)
  expect(await step()).toBe(before)
  const [first, last] = [decodeFrame(bytes, 0, gif), decodeFrame(bytes, gif.frames.length - 1, gif)]
  expect(Buffer.compare(Buffer.from(first.data), Buffer.from(last.data))).not.toBe(0)
})

test('a picture of the stage stands by itself', async () => {
  await visit()
  const svg = await download('Stage as a picture')
  const alone = await context.newPage()
  await alone.setContent(`<img src="data:image/svg+xml;base64,${svg.bytes.toString('base64')}">`)
  const size = await alone.evaluate(async () => {
    const image = document.querySelector('img')!
    await image.decode()
    return [image.naturalWidth, image.naturalHeight]
  })
  expect(size[0]).toBeGreaterThan(600)
  expect(size[1]).toBeGreaterThan(300)
})

/** Drops a file on the page. */
async function drop(name: string, content: string | Buffer): Promise<void> {
  const base64 = Buffer.from(content).toString('base64')
  await page.evaluate(
    ([fileName, text]) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], fileName))
      for (const kind of ['dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
      }
    },
    [name, base64],
  )
}

test('a dropped script is shown first, and typed line by line when somebody says so', async () => {
  await visit()
  await drop('mine.lab', '# a note\ndisk create sdx 1M\necho from the script\nfalse\necho never\n')
  const bringIn = dialog('Import')
  await bringIn.getByText('a script of 4 commands').waitFor()
  expect(await output().getByText('disk create sdx 1M').count()).toBe(0)
  await bringIn.getByRole('button', { name: 'Type 4 commands' }).click()
  await output().getByText('from the script', { exact: true }).waitFor()
  await output().getByText('mine.lab stops here: “false” failed.').waitFor()
  expect(await output().getByText('never', { exact: true }).count()).toBe(0)
  await region('Stack').getByText('sdx', { exact: true }).waitFor()
})

test('a script with a seed begins with an empty machine, across a power cut', async () => {
  await visit()
  const lines = ['seed 9', 'disk create sda 1M', 'dd if=/dev/zero of=/dev/sda bs=4k count=2', 'power cut --keep all']
  await drop('anew.lab', [...lines, 'power on', 'echo survived'].join('\n'))
  await dialog('Import').getByRole('button', { name: 'Erase, and type it' }).click()
  await output().getByText('survived', { exact: true }).waitFor()
  await expect.poll(() => page.locator('.stack-box', { hasText: 'sda' }).count()).toBe(1)
  expect(await page.locator('.stack-box', { hasText: 'sdb' }).count()).toBe(0)
})

test('a disk image goes out and comes in again as another disk', async () => {
  await visit()
  const image = await download('Disk sdb')
  await drop(image.name, image.bytes)
  const bringIn = dialog('Import')
  await bringIn.getByText('a disk image of 2 MiB').waitFor()
  await bringIn.getByRole('button', { name: 'Bring in as sde' }).click()
  await region('Stack').getByText('sde', { exact: true }).waitFor()
  await type('cmp /dev/sdb /dev/sde')
  const again = await download('Disk sde')
  expect(again.bytes.equals(image.bytes)).toBe(true)
})

test('what is no image and no script is refused in plain words', async () => {
  await visit()
  await drop('cut.img', Buffer.alloc(1000))
  await dialog().getByText('This file has 1000 bytes: it is cut short, or no image.').waitFor()
  await page.keyboard.press('Escape')
  await drop('evil.lab', Buffer.from([0, 1, 2, 3]))
  await dialog().getByText('This is no text').waitFor()
  await page.keyboard.press('Escape')
  await drop('nothing.lab', '')
  await dialog().getByText('The file is empty.').waitFor()
})
