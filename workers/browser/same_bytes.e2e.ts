import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import { FIRST_MACHINE } from '../../engine/lab/first_machine.ts'
import { LONG_SCRIPTS } from '../../engine/lab/long_scripts.ts'
import { bundleWorker, openPage } from '../bench/bundle.ts'
import { launch, type Browser } from '../tools/browser.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'
import { MemoryStore } from './memory_store.ts'
import { runScenario } from './scenario_run.ts'

/** What a visitor might do. */
const VISIT = `${FIRST_MACHINE}
run 30ms
dd if=/dev/urandom of=/dev/md0 bs=4k seek=20 count=40 oflag=direct
power cut
power on
run 20ms
disk pull sdc
dd if=/dev/urandom of=/dev/md0 bs=64k count=6 oflag=direct conv=fsync
mdadm --manage /dev/md0 --remove /dev/sdc
disk insert sdc --blank
mdadm --manage /dev/md0 --add /dev/sdc
settle
workload stop app
echo check > /sys/block/md0/md/sync_action
settle
cat /proc/mdstat
cat /sys/block/md0/md/mismatch_cnt
sha256sum /dev/md0
`

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await launch()
  page = await openPage(browser.context, { 'worker.js': await bundleWorker('workers/browser/scenario_probe.ts') })
  await page.evaluate(() => {
    Object.assign(window, { worker: new Worker('worker.js', { type: 'module' }) })
  })
})

afterAll(() => browser.close())

async function inBrowser(script: string): Promise<unknown> {
  return page.evaluate(
    (script) =>
      new Promise((resolve, reject) => {
        const { worker } = window as unknown as { worker: Worker }
        worker.onmessage = ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value))
        worker.onerror = ({ message }) => reject(new Error(message))
        worker.postMessage(script)
      }),
    script,
  )
}

test.each([...LONG_SCRIPTS, { name: 'a visit to the first machine', script: VISIT }])(
  'the same bytes, trace and words in Chromium on files and on Node in memory: $name',
  async ({ script }) => {
    const plain = runScenario(script, new MemoryStore(), new PlainArena(64 << 20))
    expect(runScenario(script, new MemoryStore(), createArena(64 << 20))).toEqual(plain)
    expect(await inBrowser(script)).toEqual({ ...plain, isWasm: true, notices: [] })
    expect(Object.keys(plain.disks).length).toBeGreaterThan(0)
  },
)

test('the visit goes as it should', () => {
  const { said } = runScenario(VISIT, new MemoryStore(), createArena(64 << 20))
  expect(said.filter((text) => !text.startsWith('0'))).toEqual([])
  expect(said.at(-3)).toContain('[UUUU]')
  expect(said.at(-2)).toBe('0 0\n')
})
