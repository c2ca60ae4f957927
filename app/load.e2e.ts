/** What a first visit costs before something moves. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { root } from '../workers/tools/process.mjs'
import { address, chunk, output, page, requests } from './fixtures/visit.ts'

/** Of everything that is fetched until then, gzipped, in bytes. */
const FIRST_LOAD_MAX = 200_000
/** What the page asks for at its first movement, so that the server knows of it. */
const MOVED = '/moved'

test('what is fetched before something moves does not grow', async () => {
  await page.addInitScript((moved) => {
    let first: string | null | undefined
    const watch = new MutationObserver(() => {
      const clock = document.querySelector('.transport-clock')?.textContent
      if (!document.querySelector('[data-stripe="15"][data-slot="3"]') || clock === first) return
      if (first !== undefined) {
        watch.disconnect()
        // Waited for, so that nothing the page asks for afterwards overtakes it.
        const request = new XMLHttpRequest()
        request.open('GET', moved, false)
        request.send()
      }
      first = clock
    })
    watch.observe(document, { childList: true, subtree: true, characterData: true })
  }, MOVED)
  await page.goto(address())
  await chunk(15, 3).waitFor()
  await output().getByText('try “help”').waitFor()
  const until = requests().indexOf(MOVED)
  expect(until).toBeGreaterThan(0)
  const files = [...new Set(requests().slice(0, until))].map((path) => {
    const name = new URL(path, address()).pathname
    const bytes = readFileSync(join(root, 'dist', name === '/' ? 'index.html' : name))
    return { name, size: gzipSync(bytes, { level: 9 }).length }
  })
  const sum = files.reduce((total, { size }) => total + size, 0)
  const list = files.map(({ name, size }) => `${String(size).padStart(8)} ${name}`).join('\n')
  console.log(`${list}\n${String(sum).padStart(8)} bytes, gzipped, before something moves`)
  expect(sum).toBeLessThanOrEqual(FIRST_LOAD_MAX)
})
