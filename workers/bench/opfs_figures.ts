import { launch } from '../tools/browser.ts'
import { bundleWorker, openPage } from './bundle.ts'

/** Seconds of a sync of a RAID-5 of 4 × 128 MiB and of a RAID-6 of 5 × 128 MiB, and of the bare loops that read the same bytes. */
export interface OpfsFigures {
  readonly resync: number
  readonly bareResync: number
  readonly rebuild: number
  readonly bareRebuild: number
  readonly resync6: number
  readonly bareResync6: number
}

/** Measures in a real Chromium. */
export async function measureOnOpfs(): Promise<OpfsFigures> {
  const browser = await launch()
  try {
    const page = await openPage(browser.context, { 'worker.js': await bundleWorker('workers/bench/opfs_rounds.ts') })
    return await page.evaluate(
      () =>
        new Promise<OpfsFigures>((resolve, reject) => {
          const worker = new Worker('worker.js', { type: 'module' })
          worker.onmessage = ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value))
          worker.onerror = ({ message }) => reject(new Error(message))
          worker.postMessage('measure')
        }),
    )
  } finally {
    await browser.close()
  }
}
