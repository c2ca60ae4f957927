import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isDebian, isRoot } from './chromium.mjs'
import { run } from './process.mjs'

const NAMES = ['firefox-esr', 'firefox']
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin']
const APPLICATIONS = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/**
 * Looks for a Firefox: the one named by BLOCKSCOPE_FIREFOX, then the system's.
 * @returns {string | undefined} its path
 * @errors throws if BLOCKSCOPE_FIREFOX names a file that is not there
 */
export function findFirefox() {
  const named = process.env.BLOCKSCOPE_FIREFOX
  if (named) {
    if (existsSync(named)) return named
    throw new Error(`BLOCKSCOPE_FIREFOX is ${named}, which is not there`)
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...FOLDERS]
  const system = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...system, ...APPLICATIONS].find((path) => existsSync(path))
}

/**
 * Finds a Firefox; as root on Debian, gets its package.
 * @returns {Promise<string | undefined>} its path; if undefined, what to do has been printed
 */
export async function getFirefox() {
  try {
    const found = findFirefox()
    if (found) return found
    if (isRoot() && isDebian()) {
      console.log('No Firefox found: installing the package of Debian …')
      const env = { DEBIAN_FRONTEND: 'noninteractive' }
      const updated = await run('apt-get', ['update'], { env })
      if (updated.status === 0) await run('apt-get', ['install', '-y', 'firefox-esr'], { env })
      const got = findFirefox()
      if (got) return got
    }
    console.error('There is no Firefox on this machine: the tests in Firefox are skipped.')
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  console.error('What to do: install Firefox, or set BLOCKSCOPE_FIREFOX to the path of one, and try again.')
  return undefined
}
