/** How fast P, Q and lost blocks are made, against copying the row and against native code with SSE2. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { launch } from '../tools/browser.ts'
import type { Row } from './bench.ts'
import { bundleWorker, openPage } from './bundle.ts'

const PROGRAM = join(import.meta.dirname, 'parity_native.c')
const CHUNK = 65536
const PAGE = 4096
/** Short turns and many, of which the quickest tenth tells: those that no other program cut into. */
const TURN_BYTES = 128 << 20
const ROUNDS = 50
/** A page that is alone in its process has a clock fine enough for short turns. */
const ALONE = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

export type ParityWork = 'copy' | 'p' | 'pAndQ' | 'check' | 'data' | 'dataAndP' | 'dataAndQ' | 'twoData'

export interface ParityOrder {
  readonly what: ParityWork
  /** Data blocks in the row, and how long each is. */
  readonly blocks: number
  readonly bytes: number
  readonly times: number
}

interface Comparison {
  readonly name: string
  readonly what: ParityWork
  readonly blocks: number
  readonly bytes: number
  readonly against: 'copy' | 'native'
  readonly floor: number | null
}

const against = (name: string, what: ParityWork, blocks: number, bytes: number, floor: number | null): Comparison => ({
  name: `${name}, ${blocks}+2 × ${bytes / 1024} KiB: engine, native P+Q by SSE2`,
  what,
  blocks,
  bytes,
  against: 'native',
  floor,
})

const COMPARISONS: readonly Comparison[] = [
  { name: 'P, 4 × 64 KiB: engine, Uint8Array.set', what: 'p', blocks: 4, bytes: CHUNK, against: 'copy', floor: 0.9 },
  { name: 'P, 4 × 4 KiB: engine, Uint8Array.set', what: 'p', blocks: 4, bytes: PAGE, against: 'copy', floor: 0.9 },
  ...[2, 3, 4, 8].map((blocks) => against('P+Q', 'pAndQ', blocks, CHUNK, 1)),
  against('P+Q checked', 'check', 3, CHUNK, null),
  against('one data block recovered', 'data', 4, CHUNK, 0.5),
  against('data and P recovered', 'dataAndP', 4, CHUNK, 0.5),
  against('data and Q recovered', 'dataAndQ', 4, CHUNK, 0.5),
  against('two data blocks recovered', 'twoData', 3, CHUNK, 0.5),
  against('two data blocks recovered', 'twoData', 4, CHUNK, 0.5),
  against('two data blocks recovered', 'twoData', 8, CHUNK, 0.5),
  // By the page, what it costs to say what is wanted weighs more.
  against('P+Q', 'pAndQ', 4, PAGE, null),
  against('two data blocks recovered', 'twoData', 4, PAGE, null),
]

/** Answers orders, one after the other. */
class NativeParity {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  constructor(program: string) {
    this.#process = spawn(program)
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]()
  }

  /** @returns seconds */
  async work(blocks: number, bytes: number, times: number): Promise<number> {
    this.#process.stdin.write(`${blocks} ${bytes} ${times}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the native program ended')
    return Number(value)
  }

  close(): void {
    this.#process.stdin.end()
  }
}

/** Measures in a real Chromium and in a native process, by turns. */
export async function parityRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const browser = await launch()
  try {
    const worker = await bundleWorker('workers/bench/parity_rounds.ts')
    const page = await openPage(browser.context, { 'worker.js': worker }, ALONE)
    const program = join(folder, 'parity_native')
    const isCompiled = spawnSync('gcc', ['-O2', '-msse2', '-o', program, PROGRAM]).status === 0
    const native = isCompiled ? new NativeParity(program) : null
    await page.evaluate(() => {
      Object.assign(globalThis, { worker: new Worker('worker.js', { type: 'module' }) })
    })
    const rows: Row[] = []
    for (const comparison of COMPARISONS) rows.push(await compare(comparison, page, native))
    native?.close()
    return rows
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(comparison: Comparison, page: Page, native: NativeParity | null): Promise<Row> {
  const { name, what, blocks, bytes, floor } = comparison
  const times = Math.ceil(TURN_BYTES / (blocks * bytes))
  const isNative = comparison.against === 'native'
  if (isNative && native === null) {
    return { what: name, ours: '', theirs: 'needs gcc', ratio: null, floor }
  }
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const own = await order(page, { what, blocks, bytes, times })
    const other =
      isNative && native !== null
        ? await native.work(blocks, bytes, times)
        : await order(page, { what: 'copy', blocks, bytes, times })
    if (round === 0) continue
    ours.push(own)
    theirs.push(other)
  }
  const rate = (seconds: number): string => `${((blocks * bytes * times) / seconds / 1e9).toFixed(1)} GB/s`
  const [own, other] = [quickest(ours), quickest(theirs)]
  return { what: name, ours: rate(own), theirs: rate(other), ratio: other / own, floor }
}

function quickest(seconds: readonly number[]): number {
  return [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 10)]
}

/** Has the page's worker do something. @returns seconds */
function order(page: Page, wanted: ParityOrder): Promise<number> {
  return page.evaluate(
    (message) =>
      new Promise<number>((resolve, reject) => {
        const { worker } = globalThis as unknown as { worker: Worker }
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = ({ message }) => reject(new Error(message))
        worker.postMessage(message)
      }),
    wanted,
  )
}
