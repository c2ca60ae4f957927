import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, runPackage } from './process.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin']
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Where Playwright would have put its own Chromium, if it did. */
async function playwrightsOwn() {
  try {
    const { chromium } = await import('playwright-core')
    return [chromium.executablePath()]
  } catch {
    // Not installed yet, or nothing for this platform: then there is none.
    return []
  }
}

/** @param {string} path */
async function starts(path) {
  if (!existsSync(path)) return false
  // Chrome on Windows opens a window when asked for its version.
  if (process.platform === 'win32') return true
  return (await run(path, ['--version'], { quiet: true })).status === 0
}

/**
 * Looks for a Chromium that starts: the one named by BLOCKSCOPE_CHROMIUM, then the system's, then Playwright's.
 * @returns {Promise<string | undefined>} its path
 * @errors throws if BLOCKSCOPE_CHROMIUM names one that does not start
 */
export async function findChromium() {
  const named = process.env.BLOCKSCOPE_CHROMIUM
  if (named) {
    if (await starts(named)) return named
    throw new Error(`BLOCKSCOPE_CHROMIUM is ${named}, which does not start`)
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...FOLDERS]
  const system = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  for (const path of new Set([...system, ...APPLICATIONS, ...(await playwrightsOwn())])) {
    if (await starts(path)) return path
  }
  return undefined
}

export function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}

export function isRoot() {
  return process.getuid?.() === 0
}

/** Debian's package as root on Debian, else Playwright's own build. */
async function installChromium() {
  if (isRoot() && isDebian()) {
    console.log('No Chromium found: installing the package of Debian …')
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    const updated = await run('apt-get', ['update'], { env })
    if (updated.status === 0) await run('apt-get', ['install', '-y', 'chromium'], { env })
    if (await findChromium()) return
  }
  console.log('No Chromium found: fetching the one of Playwright …')
  const libraries = isRoot() && existsSync('/usr/bin/apt-get') ? ['--with-deps'] : []
  await runPackage('playwright-core/cli.js', ['install', ...libraries, 'chromium'])
}

/**
 * Finds a Chromium, or gets one.
 * @returns {Promise<string | undefined>} its path; if undefined, what to do has been printed
 */
export async function getChromium() {
  try {
    const found = await findChromium()
    if (found) return found
    await installChromium()
    const got = await findChromium()
    if (got) return got
    console.error('There is no Chromium on this machine, and none could be fetched.')
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  console.error('What to do: install Chromium or Chrome, or set BLOCKSCOPE_CHROMIUM to the path of one, and try again.')
  return undefined
}
