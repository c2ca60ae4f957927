import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch, serveBuilt, type Served } from './browser.ts'

let served: Served

beforeAll(async () => {
  served = await serveBuilt()
})

afterAll(() => served.close())

test('the built page is served, and opens', async () => {
  const browser = await launch()
  try {
    const page = await browser.context.newPage()
    const response = await page.goto(served.url)
    expect(response?.status()).toBe(200)
    expect(await page.title()).toBe('Blockscope')
  } finally {
    await browser.close()
  }
})

test('a page keeps files of its own, with synchronous access in a worker', async () => {
  const browser = await launch()
  try {
    const page = await browser.context.newPage()
    await page.goto(served.url)
    const text = await page.evaluate(() => {
      const work = async (): Promise<void> => {
        const folder = await navigator.storage.getDirectory()
        const file = await folder.getFileHandle('browser_e2e', { create: true })
        const access = await file.createSyncAccessHandle()
        access.write(new Uint8Array([98, 121, 116, 101, 115]), { at: 2 })
        const bytes = new Uint8Array(access.getSize())
        access.read(bytes, { at: 0 })
        access.close()
        postMessage(String.fromCharCode(...bytes))
      }
      const code = URL.createObjectURL(new Blob([`(${work})()`], { type: 'text/javascript' }))
      const worker = new Worker(code)
      return new Promise<string>((resolve, reject) => {
        worker.onmessage = (event) => resolve(event.data)
        worker.onerror = (event) => reject(new Error(event.message))
      })
    })
    expect(text).toBe('\0\0bytes')
  } finally {
    await browser.close()
  }
})

test('nothing of the profile is left behind', async () => {
  const browser = await launch()
  const page = await browser.context.newPage()
  await page.goto('chrome://version')
  const profile = await page.locator('#profile_path').innerText()
  expect(existsSync(profile)).toBe(true)
  await browser.close()
  expect(existsSync(profile)).toBe(false)
})
