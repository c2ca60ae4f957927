/** How smooth the built page is, in a real Chromium that draws in software. */
import type { CDPSession, Page } from 'playwright-core'
import { launch, serveBuilt, type Served } from '../tools/browser.ts'
import { watchMainThread, type MainThread } from './main_thread.ts'
import { median } from './measure.ts'
import { bundleWorker } from './bundle.ts'
import type { Roof } from './roofs.ts'

const WIDE = { width: 1440, height: 900 }
const SLOWDOWN = 4
const SETTLED_MS = 3000
const WATCHED_MS = 6000
const PRESSES = 9
const PATIENCE = 180_000

interface Shape {
  readonly name: string
  readonly members: number
  /** Chunks of 4 KiB on each of them. */
  readonly rows: number
}

const TEN_THOUSAND: Shape = { name: '10,000 chunks', members: 4, rows: 2500 }
const MILLION: Shape = { name: 'a heat map of 1,000,000 cells', members: 16, rows: 62_500 }
/** For superblock and bitmap, in KiB. */
const RESERVED_KIB = 1024

/** A first visit with nothing in the cache, on a slow processor. */
async function coldLoad(served: Served): Promise<Roof> {
  const figures: number[] = []
  for (let round = 0; round < 3; round++) {
    figures.push(
      await withPage(async (page, session) => {
        await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN })
        await page.goto(served.url)
        await page.waitForFunction(() => globalThis.pageWatch.movedAt !== undefined, undefined, { timeout: PATIENCE })
        return (await page.evaluate(() => globalThis.pageWatch.movedAt)) ?? NaN
      }),
    )
  }
  return {
    what: `cold load until something moves, page at ${SLOWDOWN}× throttling`,
    figure: median(figures),
    unit: 'ms',
    roof: 3000,
  }
}

async function withPage<T>(use: (page: Page, session: CDPSession) => Promise<T>): Promise<T> {
  const browser = await launch()
  try {
    const page = await browser.context.newPage()
    await page.setViewportSize(WIDE)
    await page.addInitScript(await bundleWorker('workers/bench/page_watch.ts'))
    return await use(page, await browser.context.newCDPSession(page))
  } finally {
    await browser.close()
  }
}

async function visit(page: Page, served: Served): Promise<void> {
  await page.goto(served.url)
  await page.getByRole('log', { name: 'Console output' }).getByText('try “help”').waitFor({ timeout: PATIENCE })
}

/** Types a line, and waits until another text stands in the console. */
async function type(page: Page, line: string, answer: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Command' }).fill(line)
  await page.keyboard.press('Enter')
  await page.getByRole('log', { name: 'Console output' }).getByText(answer).last().waitFor({ timeout: PATIENCE })
}

/** An array of another shape in the place of the first machine's. */
async function makeArray(page: Page, { members, rows }: Shape): Promise<void> {
  const names = Array.from({ length: members }, (_, i) => `d${i}`)
  await type(page, 'workload stop app', 'workload stop app')
  await type(page, 'mdadm --stop /dev/md0', 'stopped /dev/md0')
  for (const name of names) await type(page, `disk create ${name} ${rows * 4 + RESERVED_KIB}K`, `disk create ${name}`)
  const devices = names.map((name) => `/dev/${name}`).join(' ')
  const create = `mdadm --create /dev/md1 --metadata=1.2 --level=5 --raid-devices=${members} --chunk=4 --bitmap=none`
  await type(page, `${create} --assume-clean --run ${devices}`, 'array /dev/md1 started')
}

/** The engine flat out, and its page watched. */
async function flatOut(page: Page, session: CDPSession, array: string): Promise<MainThread> {
  const slider = page.getByRole('slider', { name: 'Speed' })
  await slider.fill((await slider.getAttribute('max')) ?? '')
  const load = `workload start bench /dev/${array} --pattern random --size 4K --depth 32`
  await type(page, load, load)
  await page.waitForTimeout(SETTLED_MS)
  return watchMainThread(session, () => page.waitForTimeout(WATCHED_MS))
}

async function firstMachine(served: Served): Promise<Roof[]> {
  return withPage(async (page, session) => {
    await visit(page, served)
    const { longestTask } = await flatOut(page, session, 'md0')
    const presses: number[] = []
    for (let i = 0; i < PRESSES; i++) {
      presses.push(await page.evaluate(() => globalThis.pageWatch.pressPlay()))
      await page.waitForTimeout(300)
      await page.evaluate(() => globalThis.pageWatch.pressPlay())
      await page.waitForTimeout(300)
    }
    return [
      { what: 'longest task, first machine flat out', figure: longestTask, unit: 'ms', roof: 50 },
      { what: 'Pause until the page says so, flat out', figure: median(presses), unit: 'ms', roof: 100 },
    ]
  })
}

/** Stepping near the present, from the press to the picture: the engine's share and the drawing's. */
async function steps(served: Served): Promise<Roof[]> {
  return withPage(async (page) => {
    await visit(page, served)
    await page.waitForTimeout(SETTLED_MS)
    await page.evaluate(() => globalThis.pageWatch.pressPlay())
    await page.waitForTimeout(SETTLED_MS)
    const back: number[] = []
    const forward: number[] = []
    for (const [figures, name] of [
      [back, 'Step back'],
      [forward, 'Step forward'],
    ] as const) {
      for (let i = 0; i < PRESSES; i++) {
        figures.push(await page.evaluate((button) => globalThis.pageWatch.pressStep(button), name))
        await page.waitForTimeout(100)
      }
    }
    return [
      { what: 'Step back near the present, until it is shown', figure: median(back), unit: 'ms', roof: 100 },
      { what: 'Step forward, until it is shown', figure: median(forward), unit: 'ms', roof: 100 },
    ]
  })
}

async function largeArray(served: Served, shape: Shape, roof: number): Promise<Roof[]> {
  return withPage(async (page, session) => {
    await visit(page, served)
    await makeArray(page, shape)
    const { longestTask, scriptPerFrame } = await flatOut(page, session, 'md1')
    return [
      { what: `longest task, ${shape.name} flat out`, figure: longestTask, unit: 'ms', roof: 50 },
      { what: `scripting per frame, ${shape.name} flat out`, figure: scriptPerFrame, unit: 'ms', roof },
    ]
  })
}

/** All that is demanded of the page, one part after the other. */
export async function* measurePage(): AsyncGenerator<Roof> {
  const served = await serveBuilt()
  try {
    yield await coldLoad(served)
    yield* await firstMachine(served)
    yield* await steps(served)
    yield* await largeArray(served, TEN_THOUSAND, 4)
    yield* await largeArray(served, MILLION, 16)
  } finally {
    await served.close()
  }
}
