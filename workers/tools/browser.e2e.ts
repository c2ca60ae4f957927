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

test('nothing of the profile is left behind', async () => {
  const browser = await launch()
  const page = await browser.context.newPage()
  await page.goto('chrome://version')
  const profile = await page.locator('#profile_path').innerText()
  expect(existsSync(profile)).toBe(true)
  await browser.close()
  expect(existsSync(profile)).toBe(false)
})
