/** The map that zooms, presenter mode, clicker and touch in a real Chromium, on the real machine. */
import type { CDPSession, Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  address,
  ask,
  button,
  chunk,
  context,
  dialog,
  expectAccessible,
  field,
  leaveFields,
  output,
  page,
  pause,
  region,
  soon,
  type,
  visit,
} from './fixtures/visit.ts'

const map = (name = 'md1'): Locator => page.getByRole('application', { name: `Map of ${name}` })
const level = (): Promise<string> => page.locator('.zoom-level[aria-pressed="true"]').innerText()
const words = (): Promise<string> => page.locator('.heat-words').innerText()
const title = (): Locator => region('Inspector').locator('.inspector-title')

/** A RAID-5 of so many disks, a, b, c, …, with random data in its first 4 MiB, on which nothing works. */
async function makeArray(disks: number, size: string): Promise<void> {
  await visit()
  await type('workload stop app')
  await type('mdadm --stop /dev/md0')
  const names = 'abcdefghijklmnop'.slice(0, disks).split('')
  for (const name of names) await type(`disk create ${name} ${size}`)
  const members = names.map((name) => `/dev/${name}`).join(' ')
  await type(
    `mdadm --create /dev/md1 --metadata=1.2 --level=5 --raid-devices=${disks} --chunk=64 --bitmap=internal --assume-clean --run ${members}`,
    'started',
  )
  await type('dd if=/dev/urandom of=/dev/md1 bs=1M count=4 oflag=direct', 'copied')
  await type('settle')
  await map().waitFor()
}

/** Where a point of the map is on the page: a member's column, and so much of the height. */
async function pointOf(slot: number, down: number): Promise<{ x: number; y: number }> {
  const box = (await page.getByRole('application').boundingBox())!
  const head = (await page.locator(`.zoom-head[data-slot="${slot}"]`).boundingBox())!
  return { x: head.x + head.width / 2, y: box.y + 44 + (box.height - 50) * down }
}

/** The camera has come to rest. */
const settled = (): Promise<void> => page.waitForTimeout(900)

/** What the map says of the byte below the pointer is what a dump of the disk says. */
async function expectBytesAsDumped(points: readonly { x: number; y: number }[]): Promise<void> {
  for (const { x, y } of points) {
    await page.mouse.move(x + 2, y + 2)
    await page.mouse.move(x, y)
    await soon(words).toMatch(/^[a-p] [0-9a-f]{8}: [0-9a-f]{2}, /)
    const [, disk, at, value] = /^([a-p]) ([0-9a-f]{8}): ([0-9a-f]{2}), /.exec(await words())!
    await page.mouse.move(700, 8)
    await ask(`hexdump -C -v -s ${parseInt(at, 16)} -n 1 /dev/${disk}`, new RegExp(`${at} +${value}`))
  }
}

/** A pinch by two fingers around a point. */
async function pinch(cdp: CDPSession, x: number, y: number, from: number, to: number): Promise<void> {
  const points = (half: number) => [
    { x, y: y - half, id: 0 },
    { x, y: y + half, id: 1 },
  ]
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(from) })
  for (let i = 1; i <= 10; i++) {
    const half = from + ((to - from) * i) / 10
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(half) })
    await page.waitForTimeout(16)
  }
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

async function touchScreen(): Promise<CDPSession> {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 5 })
  await cdp.send('Emulation.setEmulatedMedia', { features: [{ name: 'pointer', value: 'coarse' }] })
  return cdp
}

test('a wheel leads from the whole array to its bytes, which are those of the disks', async () => {
  await makeArray(16, '1G')
  expect(await level()).toBe('Array')
  await soon(words).toMatch(/All .* stripes on all 16 members/)
  await map().hover()
  const seen = ['Array']
  const { x, y } = await pointOf(3, 0.001)
  await page.mouse.move(x, y)
  for (let i = 0; i < 90 && seen.at(-1) !== 'Bytes'; i++) {
    await page.mouse.wheel(0, -120)
    await page.waitForTimeout(30)
    const now = await level()
    if (now !== seen.at(-1)) seen.push(now)
  }
  expect(seen).toEqual(['Array', 'Stripes', 'Pages', 'Bytes'])
  for (let i = 0; i < 6; i++) await page.mouse.wheel(0, -120)
  await settled()
  const column = (await page.locator('.zoom-head:visible').nth(1).boundingBox())!
  await expectBytesAsDumped([
    { x: column.x + column.width * 0.3, y: y + 40 },
    { x: column.x + column.width * 0.7, y: y + 150 },
  ])
  await button('Fit').click()
  await soon(level).toBe('Array')
})

test('keys lead there too, the cursor says where it is, and Enter inspects', async () => {
  await makeArray(4, '64M')
  await map().focus()
  for (let i = 0; i < 12 && (await level()) !== 'Bytes'; i++) {
    await page.keyboard.press('+')
    await page.waitForTimeout(450)
  }
  await soon(level).toBe('Bytes')
  await page.keyboard.press('Home')
  await settled()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  const status = page.locator('.heat [role=status]')
  await soon(() => status.innerText()).toMatch(/^[a-d] [0-9a-f]{8}: (?!not)/)
  const [, disk, at, value] = /^([a-d]) ([0-9a-f]{8}): ([0-9a-f]{2}), /.exec(await status.innerText())!
  await page.keyboard.press('Enter')
  await soon(() => title().innerText()).toMatch(/Stripe 0, (D\d|P)/)
  await soon(() => region('Inspector').innerText()).toContain(`${disk}, sector ${Math.floor(parseInt(at, 16) / 512)}`)
  // What is inspected stands still.
  await button('Play').click()
  await ask(`hexdump -C -v -s ${parseInt(at, 16)} -n 1 /dev/${disk}`, new RegExp(`${at} +${value}`))
  await map().focus()
  await page.keyboard.press('0')
  await soon(level).toBe('Array')
  // Speed has not changed: on the map these keys are the map's.
  expect(await page.getByRole('slider', { name: 'Speed' }).getAttribute('aria-valuetext')).toContain('1 : 1')
})

test('a pinch zooms around the fingers, and one finger moves the map', async () => {
  await makeArray(4, '64M')
  const cdp = await touchScreen()
  const { x, y } = await pointOf(1, 0.1)
  expect(await level()).toBe('Array')
  for (let i = 0; i < 14 && (await level()) !== 'Bytes'; i++) {
    await pinch(cdp, x, y, 20, 120)
    await page.waitForTimeout(150)
  }
  await soon(level).toBe('Bytes')
  const before = await page.locator('.heat > p').first().innerText()
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y: y + 200, id: 0 }] })
  for (let i = 1; i <= 8; i++)
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y + 200 - 20 * i, id: 0 }] })
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await soon(() => page.locator('.heat > p').first().innerText()).not.toBe(before)
  const middle = await pointOf(2, 0.5)
  for (let i = 0; i < 16 && (await level()) !== 'Array'; i++) {
    await pinch(cdp, middle.x, middle.y, 120, 15)
    await page.waitForTimeout(150)
  }
  await soon(level).toBe('Array')
})

test('a click picks the chunk that is there, the right button offers what can be done to it', async () => {
  await makeArray(5, '64M')
  await button('Stripes').click()
  await settled()
  const stripe = page.getByRole('spinbutton', { name: 'Stripe' })
  await stripe.fill('40')
  await settled()
  const point = await pointOf(2, 0.5)
  await page.mouse.click(point.x, point.y)
  await soon(() => title().innerText()).toMatch(/^Stripe 40, /)
  await soon(() => region('Inspector').innerText()).toMatch(/c, sector \d+/)
  // Left-symmetric on five: in stripe 40 parity is on the last, and data begins on the first.
  expect(await title().innerText()).toContain('D162')
  await page.mouse.click(point.x, point.y, { button: 'right' })
  await page.getByRole('menuitem', { name: 'Let its first page rot' }).click()
  await output()
    .getByText(/^fault add rot c \d+\+8$/)
    .waitFor()
  await button('Pages').click()
  await settled()
  await page.mouse.move(point.x, (await pointOf(2, 0.02)).y)
  await soon(words).toMatch(/^page 0 of D162, stripe 40 · c sector \d+, 4 KiB · × rotten/)
  // From afar, the worst of many speaks.
  await button('Play').click()
  await type('mdadm /dev/md1 --fail /dev/b')
  await button('Fit').click()
  await soon(words).toMatch(/without a member/)
  await soon(() => region('Stage').getByLabel('Legend').innerText()).toContain('the worst of a cell’s chunks')
})

test('near enough, the menu is of the page or of the byte that is there', async () => {
  await makeArray(5, '64M')
  await page.getByRole('spinbutton', { name: 'Stripe' }).fill('3')
  await button('Pages').click()
  await settled()
  const middle = await pointOf(1, 0.5)
  await page.mouse.move(middle.x, middle.y)
  await soon(words).toMatch(/ sector \d+/)
  const [, disk, sector] = /· (\w) sector (\d+)/.exec(await words())!
  await page.mouse.click(middle.x, middle.y, { button: 'right' })
  await page.getByRole('menuitem', { name: 'Make this page unreadable' }).click()
  await output().getByText(`fault add latent ${disk} ${sector}+8`, { exact: true }).waitFor()
  await page.mouse.click(middle.x, middle.y, { button: 'right' })
  await page.getByRole('menuitem', { name: /^Lift fault 1: latent/ }).click()
  await output().getByText('fault lift 1', { exact: true }).waitFor()

  await button('Bytes').click()
  await settled()
  const near = await pointOf(1, 0.4)
  await page.mouse.move(near.x, near.y)
  await soon(words).toMatch(/^[a-p] [0-9a-f]{8}: [0-9a-f]{2}, /)
  const [, member, at, before] = /^([a-p]) ([0-9a-f]{8}): ([0-9a-f]{2}), /.exec(await words())!
  await page.mouse.click(near.x, near.y, { button: 'right' })
  const rot = page.getByRole('menuitem', { name: 'Let this sector rot' })
  expect(await rot.getAttribute('aria-description')).toBe(`fault add rot ${member} ${parseInt(at, 16) >> 9}+1`)
  await page.getByRole('menuitem', { name: 'Overwrite this byte behind the array’s back' }).click()
  await output()
    .getByText(new RegExp(`^dd if=/dev/urandom of=/dev/${member} bs=1 count=1 seek=${parseInt(at, 16)} `))
    .waitFor()
  await output().getByText('1 byte copied').waitFor()
  await page.mouse.move(near.x + 2, near.y)
  await soon(words).not.toContain(`${at}: ${before}, `)
})

test('a finger that rests asks for the menu, on the map and on the drawing', async () => {
  await visit()
  await pause()
  const cdp = await touchScreen()
  const press = async (x: number, y: number): Promise<void> => {
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y, id: 0 }] })
    await page.waitForTimeout(750)
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  const box = (await chunk(3, 1).boundingBox())!
  await press(box.x + 20, box.y + 8)
  await page.getByRole('menuitem', { name: 'Write 4 KiB here' }).waitFor()
  await page.keyboard.press('Escape')
  await button('Map').click()
  await map('md0').waitFor()
  await settled()
  const point = await pointOf(1, 0.4)
  await press(point.x, point.y)
  await page.getByRole('menuitem', { name: 'Make its first page unreadable' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await page.getByRole('menu').count()).toBe(0)
})

test('one key leaves the stage alone, in large type, and brings the page back', async () => {
  await visit()
  await field().click()
  await page.keyboard.type('p.m,')
  expect(await field().inputValue()).toBe('p.m,')
  await field().fill('')
  await leaveFields()
  await page.keyboard.press('p')
  await button('End presentation (P)').waitFor()
  for (const name of ['Stack', 'Inspector', 'Timeline']) expect(await region(name).count()).toBe(0)
  expect(await button('Cut power').count()).toBe(0)
  const small = (): Promise<string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.page *')]
        .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
        .filter((one) => one.getClientRects().length > 0 && !one.closest('.unseen'))
        .filter((one) => {
          const scale = one.closest('.stage-scaled') ? 1.5 : 1
          return parseFloat(getComputedStyle(one).fontSize) * scale < 18
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    )
  await chunk(15, 3).waitFor()
  expect(await small()).toEqual([])
  await page.keyboard.press('m')
  await map('md0').waitFor()
  await settled()
  expect(await small()).toEqual([])
  await page.keyboard.press('p')
  await button('Cut power').waitFor()
  await page.keyboard.press('p')
  await button('End presentation (P)').waitFor()
  await page.keyboard.press('Escape')
  await region('Console').waitFor()
  await page.keyboard.press('?')
  await dialog('Keys').getByText('presenter mode').waitFor()
})

test('a clicker goes from event to event', async () => {
  await visit()
  await type('disk pull sdb')
  await type('disk insert sdb --old')
  await pause()
  await leaveFields()
  const step = async (): Promise<number> =>
    Number(await page.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuenow'))
  const live = await step()
  await page.keyboard.press('PageUp')
  await button('Live').and(page.locator(':not([aria-disabled])')).waitFor()
  // Some events are at the same step: what has been pulled and put back was not asked for anything in between.
  for (let i = 0; i < 12 && (await step()) >= live; i++) {
    await page.keyboard.press('PageUp')
    await page.waitForTimeout(400)
  }
  expect(await step()).toBeLessThan(live)
  await page.keyboard.press('PageUp')
  await page.keyboard.press(',')
  await settled()
  const early = await step()
  await page.keyboard.press('.')
  await page.keyboard.press('PageDown')
  await page.keyboard.press('PageDown')
  await soon(step).toBeGreaterThan(early)
})

test.each(['light', 'dark'] as const)(
  'axe finds nothing on the map and on what is presented, %s',
  async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await visit()
    await pause()
    await button('Map').click()
    await map('md0').waitFor()
    for (const name of ['Stripes', 'Pages', 'Bytes', 'Fit']) {
      await button(name).click()
      await settled()
      await expectAccessible()
    }
    await leaveFields()
    await page.keyboard.press('p')
    await button('End presentation (P)').waitFor()
    await expectAccessible()
    await page.keyboard.press('m')
    await chunk(15, 3).waitFor()
    await expectAccessible()
    await page.keyboard.press('p')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('tab', { name: 'Stage' }).waitFor()
    await page.keyboard.press('m')
    await map('md0').waitFor()
    await settled()
    await expectAccessible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  },
)

test('for fingers nothing that acts is smaller than 40 pixels', async () => {
  await touchScreen()
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(address())
  await chunk(15, 3).waitFor()
  for (const name of ['Stage', 'Stack', 'Console', 'Timeline', 'Inspector']) {
    await page.getByRole('tab', { name }).click()
    await region(name).waitFor()
    await page.waitForTimeout(300)
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, input, select, [role=tab], [role=gridcell]')]
        .map((one) => ({ one, box: one.getBoundingClientRect() }))
        .filter(({ one, box }) => box.width > 1 && !one.closest('.hex-grid, .unseen') && box.height < 39.5)
        .map(({ one, box }) => `${one.outerHTML.slice(0, 90)} ${box.height}`),
    )
    expect(small).toEqual([])
  }
})
