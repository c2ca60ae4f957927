import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { root } from '../tools/process.mjs'

/** Where nothing is served but what {@link openPage} gives; `localhost`, so that a page may keep files. */
const ORIGIN = 'http://localhost:9/'

/**
 * Makes one script of a worker and everything it imports.
 * @param entry from the project's folder
 * @errors throws with what the builder said
 */
export async function bundleWorker(entry: string): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      rolldownOptions: { output: { codeSplitting: false } },
      lib: { entry: join(root, entry), formats: ['es'], fileName: 'worker' },
      // What is loaded later on the page is in it, too.
    },
  })
  const outputs = Array.isArray(built) ? built : [built]
  const code = outputs.flatMap((output) =>
    'output' in output ? output.output.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])) : [],
  )
  if (code.length !== 1) throw new Error(`${entry} became ${code.length} scripts`)
  return code[0]
}

/**
 * Opens an empty page at an address of its own.
 * @param scripts what else is there, by name: a worker's bundle
 * @param headers that come with everything
 */
export async function openPage(
  context: BrowserContext,
  scripts: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Page> {
  await context.route(`${ORIGIN}**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1)
    if (name === '')
      await route.fulfill({ headers, contentType: 'text/html', body: '<!doctype html><title>empty</title>' })
    else if (name in scripts) await route.fulfill({ headers, contentType: 'text/javascript', body: scripts[name] })
    else await route.fulfill({ status: 404 })
  })
  const page = await context.newPage()
  await page.goto(ORIGIN)
  return page
}
