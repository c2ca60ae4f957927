import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleWorker, openPage } from '../bench/bundle.ts'
import { launch, type Browser } from '../tools/browser.ts'
import type { StartOptions } from './engine_api.ts'
import type { PageProbe } from './page_probe.ts'

declare global {
  interface Window {
    PageProbe: new () => PageProbe
    probe: PageProbe
  }
}

let scripts: Record<string, string>
let browser: Browser
let page: Page

beforeAll(async () => {
  scripts = {
    'engine.js': await bundleWorker('workers/browser/engine_worker.ts'),
    'page.js': await bundleWorker('workers/browser/page_probe.ts'),
  }
})

beforeEach(async () => {
  browser = await launch()
  page = await openPage(browser.context, scripts)
})

afterEach(() => browser.close())

/** Begins a visit in a page: what the worker reported, and the first frame in which everything typed has been done. */
async function visit(options: StartOptions = {}, where = page) {
  await where.addScriptTag({ url: 'page.js', type: 'module' })
  await where.waitForFunction(() => 'PageProbe' in window)
  return where.evaluate(async (options) => {
    window.probe = new window.PageProbe()
    return window.probe.start(options)
  }, options)
}

async function say(line: string, where = page) {
  return where.evaluate((line) => window.probe.say(line), line)
}

async function steps(): Promise<number> {
  return page.evaluate(() => window.probe.frame?.steps ?? 0)
}

async function settledArray() {
  await say('settle')
  return page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const { frame } = window.probe
    const [array] = frame?.arrays ?? []
    return { state: array.state, degraded: array.degraded, mdstat: frame?.mdstat ?? '', powerOn: frame?.powerOn }
  })
}

test('the first visit makes a RAID-5 on files, and it moves', async () => {
  expect(await visit()).toMatchObject({ store: 'opfs', isFound: false, visit: 1, notices: [], refusal: null })
  await page.waitForFunction(() => (window.probe.frame?.workloads[0]?.ios ?? 0) > 0)
  const before = await steps()
  await page.waitForFunction((before) => (window.probe.frame?.steps ?? 0) > before + 3, before)
  const frame = await page.evaluate(() => {
    const frame = window.probe.frame
    const [array] = frame?.arrays ?? []
    return {
      names: array.members.map(({ name, state }) => `${name} ${state}`),
      rows: array.rows,
      bits: array.bitmap?.counters.length,
      time: frame?.time ?? 0,
      failure: frame?.transport.failure,
    }
  })
  expect(frame).toMatchObject({ names: ['sda active', 'sdb active', 'sdc active', 'sdd active'], rows: 16, bits: 16 })
  expect(frame.failure).toBeNull()
  expect(frame.time).toBeGreaterThan(20e9)
})

test('a reload in the middle of a write is a power cut: the next visit recovers from the disks', async () => {
  await visit()
  const written = await say('dd if=/dev/urandom of=/dev/md0 bs=64k count=8 conv=fsync oflag=direct status=none')
  expect(written.status).toBe(0)
  const { stdout } = await say('sha256sum /dev/md0')
  expect(stdout).toMatch(/^[0-9a-f]{64}/)
  await say('dd if=/dev/md0 of=/tmp/safe bs=64k count=8 status=none')
  const safe = await say('sha256sum /tmp/safe')
  await page.evaluate(async () => {
    await window.probe.engine.setSpeed(1e8)
    await window.probe.engine.pause()
    await window.probe.engine.type('dd if=/dev/urandom of=/dev/md0 bs=4k seek=130 count=100 oflag=direct')
    await window.probe.engine.stepForward(37)
  })
  await page.reload()
  expect(await visit()).toMatchObject({ store: 'opfs', isFound: true, visit: 2, notices: [], refusal: null })
  const array = await settledArray()
  expect(array).toMatchObject({ degraded: 0, powerOn: true })
  expect(array.mdstat).toContain('[UUUU]')
  await say('workload stop app')
  await say('settle')
  await say('dd if=/dev/md0 of=/tmp/safe bs=64k count=8 status=none')
  expect((await say('sha256sum /tmp/safe')).stdout).toBe(safe.stdout)
  await say('echo check > /sys/block/md0/md/sync_action')
  await say('settle')
  expect((await say('cat /sys/block/md0/md/mismatch_cnt')).stdout).toBe('0\n')
})

test('a killed worker is a power cut, too; a reset begins anew', async () => {
  await visit()
  await say('disk create extra 1M')
  await page.evaluate(() => window.probe.kill())
  expect(await visit()).toMatchObject({ isFound: true, visit: 2 })
  expect((await say('disk list')).stdout).toContain('extra')
  const report = await page.evaluate(() => window.probe.engine.reset())
  expect(report).toMatchObject({ isFound: false, visit: 1 })
  await page.waitForFunction(() => window.probe.frame?.generation === 2 && window.probe.frame.command === null)
  expect((await say('disk list')).stdout).not.toContain('extra')
})

test('a second tab is told plainly, and can have a machine in memory', async () => {
  await visit()
  const other = await openPage(browser.context, scripts)
  const refused = await visit({}, other)
  expect(refused.refusal?.reason).toBe('locked')
  expect(refused.refusal?.message).toMatch(/another tab/)
  expect(await visit({ store: 'memory' }, other)).toMatchObject({ store: 'memory', isFound: false, refusal: null })
  expect((await say('cat /proc/mdstat', other)).stdout).toContain('[UUUU]')
})

test('an image leaves the machine and comes back', async () => {
  await visit()
  const sum = await page.evaluate(async () => {
    const { engine } = window.probe
    const image = await engine.exportDisk('sda')
    if (image === null) return 'no image'
    await engine.importDisk('copy', image)
    const digest = await crypto.subtle.digest('SHA-256', image as Uint8Array<ArrayBuffer>)
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  })
  expect((await say('sha256sum /dev/copy')).stdout).toContain(sum)
  expect((await say('cat /proc/mdstat')).stdout).toContain('md0 : active')
})
