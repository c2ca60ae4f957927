/** The stage as a part of somebody else's page: an iframe of another origin, driven by messages. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Frame } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMoment } from '../engine/lab/moment_text.ts'
import { address, expectAccessible, page, pause, soon, type, visit } from './fixtures/visit.ts'

interface Message {
  readonly blockscope: number
  readonly type: string
  readonly [field: string]: unknown
}

declare global {
  interface Window {
    heard: { data: Message; origin: string }[]
    embedded: HTMLIFrameElement
  }
}

/** A page of a teacher's: another host, another port. It writes down what it hears. */
const TEACHER = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A lecture</title>
<link rel="icon" href="data:,"><h1>A lecture</h1>
<iframe id="it" title="Blockscope" width="1000" height="640"></iframe>
<script>
window.heard = []
window.embedded = document.getElementById('it')
addEventListener('message', ({ data, origin, source }) => {
  if (source === window.embedded.contentWindow) window.heard.push({ data, origin })
})
</script>`

let teacher: Server
let teacherAddress: string

beforeAll(async () => {
  teacher = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(TEACHER))
  await new Promise<void>((resolve) => teacher.listen(0, 'localhost', resolve))
  teacherAddress = `http://localhost:${(teacher.address() as AddressInfo).port}/`
})

afterAll(() => new Promise((resolve) => teacher.close(resolve)))

const heard = (kind: string): Promise<Message[]> =>
  page.evaluate((kind) => window.heard.map(({ data }) => data).filter(({ type }) => type === kind), kind)
const latest = async (): Promise<Message | undefined> => (await heard('moment')).at(-1)

/** Opens the lecture, with the page in its iframe. @param rest of the iframe's address */
async function attend(rest = ''): Promise<Frame> {
  await page.goto(teacherAddress)
  await page.evaluate((src) => (window.embedded.src = src), address(`?embed=1${rest}`))
  await soon(() => heard('ready').then(({ length }) => length)).toBe(1)
  const frame = page.frames().find((one) => one.url().includes('embed=1'))
  if (frame === undefined) throw new Error('there is no iframe')
  return frame
}

let orders = 0

/** Sends an order as the lecture's page would. @returns its answer */
async function order(fields: Record<string, unknown>): Promise<Message> {
  const id = ++orders
  await page.evaluate((message) => window.embedded.contentWindow?.postMessage(message, '*'), {
    blockscope: 1,
    id,
    ...fields,
  })
  const answer = async (): Promise<Message | undefined> => (await heard('done')).find((one) => one.id === id)
  await soon(answer).toBeDefined()
  return (await answer()) as Message
}

test('an iframe of another origin is driven by messages, on disks in memory', async () => {
  const frame = await attend()
  expect(await frame.evaluate(() => crossOriginIsolated)).toBe(false)
  expect(await order({ type: 'hello' })).toEqual({ blockscope: 1, type: 'done', id: orders, ok: true })
  await soon(async () => Number((await latest())?.step)).toBeGreaterThan(0)
  expect(await order({ type: 'pause' })).toMatchObject({ ok: true })
  await soon(async () => (await latest())?.isPlaying).toBe(false)
  await frame.getByRole('button', { name: 'Play', exact: true }).waitFor()

  const { step } = await order({ type: 'moment' })
  expect(step).toBe((await latest())?.step)
  await order({ type: 'step', count: 3 })
  await soon(async () => (await latest())?.step).toBe(Number(step) + 3)
  await order({ type: 'step', count: -2 })
  await soon(async () => (await latest())?.step).toBe(Number(step) + 1)
  expect(await latest()).toMatchObject({ isLive: false, newest: Number(step) + 3 })
  await order({ type: 'seek', step: 40 })
  await soon(async () => (await latest())?.step).toBe(40)
  await order({ type: 'live' })
  await soon(async () => (await latest())?.isLive).toBe(true)
  await order({ type: 'speed', speed: 'max' })
  await order({ type: 'play' })
  await soon(async () => Number((await latest())?.step)).toBeGreaterThan(Number(step) + 100)

  await order({ type: 'run', line: 'cat /proc/mdstat' })
  const said = async () => (await heard('console')).find(({ command }) => command === 'cat /proc/mdstat')
  await soon(said).toMatchObject({ status: 0, stdout: expect.stringContaining('[4/4] [UUUU]') as unknown })
  await order({ type: 'run', line: 'power cut' })
  await soon(async () => (await latest())?.isPowerOn).toBe(false)
  await frame.getByRole('heading', { name: 'The power is off' }).waitFor()
  await order({ type: 'undo' })
  await soon(async () => (await latest())?.isPowerOn).toBe(true)

  await order({ type: 'pause' })
  const { link, moment } = await order({ type: 'link' })
  expect(String(link)).toBe(address(`#${String(moment)}`))
  const present = await order({ type: 'moment' })
  const read = readMoment(String(moment))
  expect(read.ok && read.value.step).toBe(present.step)
  await order({ type: 'begin', seed: 9 })
  await order({ type: 'run', line: 'disk create sdx 4M' })
  await soon(async () => (await heard('console')).at(-1)?.command).toBe('disk create sdx 4M')
  expect(await order({ type: 'open', moment: String(link) })).toMatchObject({ ok: true })
  await soon(async () => (await latest())?.step).toBe(present.step)
  await frame.getByText('/dev/md0', { exact: true }).first().waitFor()
  // All that was heard came from there, and nothing was kept.
  const origins = await page.evaluate(() => [...new Set(window.heard.map(({ origin }) => origin))])
  expect(origins).toEqual([new URL(address()).origin])
  const blank = '<title>blank</title><link rel="icon" href="data:,">'
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: blank }))
  await page.goto(address('blank'))
  const kept = await page.evaluate(async () => {
    const names: string[] = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
    return names
  })
  expect(kept).toEqual([])
})

test('what is no order is refused in words, or not answered at all; only the parent is listened to', async () => {
  const frame = await attend()
  expect(await order({ type: 'eval', line: '1' })).toMatchObject({ ok: false, reason: 'type is none that is known' })
  expect(await order({ type: 'run', line: 7 })).toMatchObject({ ok: false })
  expect(await order({ blockscope: 3, type: 'play' })).toMatchObject({ ok: false })
  expect(await order({ type: 'open', moment: 'm1.AAAA' })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('damaged') as unknown,
  })
  await order({ type: 'run', line: '<img src=x onerror=alert(1)>' })
  await soon(async () => (await heard('console')).at(-1)?.status).toBeGreaterThan(0)
  const before = await page.evaluate(() => window.heard.filter(({ data }) => data.type === 'done').length)
  await page.evaluate(() => {
    for (const message of [null, 'play', 1, [], { type: 'pause' }])
      window.embedded.contentWindow?.postMessage(message, '*')
  })
  // A frame beside it, and the frame itself, are nobody to it.
  await frame.evaluate(() => postMessage({ blockscope: 1, id: 'self', type: 'pause' }, '*'))
  await page.evaluate(() => {
    const other = document.createElement('iframe')
    other.srcdoc = `<script>parent.frames[0].postMessage({ blockscope: 1, id: 'beside', type: 'pause' }, '*')</script>`
    document.body.append(other)
  })
  expect(await order({ type: 'moment' })).toMatchObject({ ok: true, isPlaying: true })
  const answers = await heard('done')
  expect(answers.length).toBe(before + 1)
  expect(answers.map(({ id }) => id)).not.toContain('beside')
})

test('with an origin in its address, no other page is answered', async () => {
  await page.goto(teacherAddress)
  await page.evaluate((src) => (window.embedded.src = src), address('?embed=1&origin=https://teacher.example'))
  const frame = page.frameLocator('#it')
  await frame.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await frame.locator('.chunk').first().waitFor()
  await page.evaluate(() => window.embedded.contentWindow?.postMessage({ blockscope: 1, id: 1, type: 'pause' }, '*'))
  await frame.getByRole('button', { name: 'Step back' }).click()
  await frame.locator('.past-banner').waitFor()
  expect(await page.evaluate(() => window.heard.length)).toBe(0)

  await page.evaluate(
    (src) => (window.embedded.src = src),
    address(`?embed=1&origin=${new URL(teacherAddress).origin}`),
  )
  await soon(() => heard('ready').then(({ length }) => length)).toBe(1)
  expect(await order({ type: 'pause' })).toMatchObject({ ok: true })
})

test.each(['light', 'dark'] as const)(
  'a moment in an iframe: exactly there, minimal, axe finds nothing, %s',
  async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme })
    await visit()
    await type('workload stop app')
    await type('settle')
    await pause()
    const moment = async (): Promise<string> => page.evaluate(() => location.hash.split('~')[0])
    const step = Number(await page.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuenow'))
    await soon(async () => {
      const read = readMoment((await moment()).slice(1))
      return read.ok && read.value.step
    }).toBe(step)
    const frame = await attend(await moment())
    expect(await order({ type: 'moment' })).toMatchObject({ ok: true, step, isPlaying: false })
    expect(await frame.getByRole('textbox').count()).toBe(0)
    await soon(() => frame.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuenow')).toBe(String(step))
    const whole = frame.getByRole('link', { name: 'Open in Blockscope' })
    await whole.focus()
    const href = new URL((await whole.getAttribute('href')) ?? '')
    expect([href.search, href.hash.slice(0, 4)]).toEqual(['', '#m1.'])
    await page.goto(address(`?embed=1${await frame.evaluate(() => location.hash)}`))
    await page.getByRole('slider', { name: 'Time' }).waitFor()
    await page.locator('.chunk').first().waitFor()
    // A colour on its way to another is neither.
    await page.waitForFunction(() => !document.getAnimations().some((one) => one instanceof CSSTransition))
    await expectAccessible()
  },
)
