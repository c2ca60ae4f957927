import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache, root, runPackage } from './process.mjs'

const SOURCES = ['app', 'engine', 'workers', 'public', 'index.html', 'package-lock.json', 'vite.config.ts']

/** The names, sizes and times of everything the page is built from, as one short text. */
function fingerprint() {
  const hash = createHash('sha256')
  /** @param {string} path */
  const add = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false })
    if (!stat) return
    if (stat.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`)
    } else if (!/\.(test|e2e)\.tsx?$|^app\/fixtures\//.test(path)) {
      hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
    }
  }
  SOURCES.forEach(add)
  return hash.digest('hex')
}

/**
 * Builds the page into dist/ unless it stands there already.
 * @errors throws with what the builder said if it fails
 */
export async function ensureBuilt() {
  const record = join(cache, 'built')
  const present = fingerprint()
  const isBuilt = existsSync(join(root, 'dist', 'index.html')) && existsSync(record)
  if (isBuilt && readFileSync(record, 'utf8') === present) return
  // Also where this is called from a test, whose own environment would give the page the slow build of its libraries.
  const { status, output } = await runPackage('vite/bin/vite.js', ['build'], {
    quiet: true,
    env: { NODE_ENV: 'production' },
  })
  if (status !== 0) throw new Error(`the page could not be built:\n${output}`)
  mkdirSync(cache, { recursive: true })
  writeFileSync(record, present)
}
