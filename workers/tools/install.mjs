import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'

/** Stops with a sentence when this Node is too old to go on. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Blockscope needs Node 20.19 or newer; this is Node ${process.versions.node}.`)
  process.exit(1)
}

/** @param {string} file @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>} */
function packages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Whether node_modules holds what the lock file asks for. Packages made for other platforms may be absent. */
export function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const present = packages(record)
  return Object.entries(packages(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true
    const found = present[path]
    if (!found) return wanted.optional === true
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/** Installs the dependencies when they are missing or are not those of the lock file; stops when that fails. */
export async function ensureInstalled() {
  checkNode()
  if (isInstalled()) return
  console.log('Installing the dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const { status } = npm ? await run(process.execPath, [npm, 'ci']) : await run('npm', ['ci'])
  if (status === 0) return
  console.error('npm ci failed: the dependencies could not be installed. Is the network reachable?')
  process.exit(1)
}
