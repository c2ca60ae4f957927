import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** The engine's floors, lowest first: each imports itself and those above it in this list. Those of one line stand side by side. */
const FLOORS = [
  ['base'],
  ['sim'],
  ['format'],
  ['block'],
  ['dm'],
  ['bufio', 'pdata', 'md'],
  ['raid', 'mirror', 'thin', 'checksum', 'journal'],
  ['shell'],
  ['lab'],
  ['api'],
]

/** Doors between floors of one line. */
const DOORS: Record<string, string[]> = {
  pdata: ['bufio'],
}

/** Tests that bring up more of the house than lies below what they test, and the floors they use. */
const TESTS_LOOKING_UP: Record<string, string[]> = {
  'engine/shell/mdadm.test.ts': ['lab'],
  'engine/shell/raid6check.test.ts': ['lab'],
  'engine/shell/veritysetup.test.ts': ['lab'],
}

/** The packages the engine may import; its tests may import any, and Node. */
const ENGINE_PACKAGES = ['@noble/hashes', 'fflate']

/** The floors of the engine that the page may import. */
const PAGE_FLOORS = ['api']

/** The parts of workers/ that run on Node. The others run in a browser, and import neither these nor Node's modules. */
const NODE_PARTS = ['node', 'tools', 'conformance', 'bench']

/** What tests of the page share; it runs where they do. */
const TEST_FIXTURES = ['app/fixtures/visit.ts']

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

function isTest(path: string): boolean {
  return /\.(test|e2e)\.tsx?$/.test(path) || TEST_FIXTURES.includes(path)
}

function isNode(path: string): boolean {
  return isTest(path) || NODE_PARTS.some((part) => path.startsWith(`workers/${part}/`))
}

/** The floors of the engine that a file of the engine may import, or undefined if it stands on none itself. */
function floorsBelow(path: string): string[] | undefined {
  const [, floor, ...rest] = path.split('/')
  if (rest.length === 0) return isTest(path) ? FLOORS.flat() : undefined
  const line = FLOORS.findIndex((floors) => floors.includes(floor))
  if (line < 0) return undefined
  return [...FLOORS.slice(0, line).flat(), floor, ...(DOORS[floor] ?? []), ...(TESTS_LOOKING_UP[path] ?? [])]
}

/**
 * What is wrong with an import, in words.
 * @param path of the importing file, from the project's folder
 * @param specifier as it is written
 */
function complaint(path: string, specifier: string): string | undefined {
  const [top] = path.split('/')
  if (specifier.startsWith('node:')) return isNode(path) ? undefined : 'does not run on Node'
  if (!specifier.startsWith('.')) {
    const isKnown = ENGINE_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`))
    return top !== 'engine' || isTest(path) || isKnown ? undefined : 'is a package the engine does not use'
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier))
  const [targetTop, targetFloor] = target.split('/')
  if (!/\.\w+(\?\w+)?$/.test(target)) return 'lacks the extension of its file'
  if (top === 'engine') {
    const floors = floorsBelow(path)
    if (!floors) return 'is imported by a file that stands on no floor'
    return targetTop === 'engine' && floors.includes(targetFloor) ? undefined : 'is not below'
  }
  if (targetTop === 'workers') {
    return isNode(path) || !isNode(target) ? undefined : 'does not run in a browser'
  }
  if (targetTop === 'engine') {
    return top === 'workers' || isTest(path) || PAGE_FLOORS.includes(targetFloor)
      ? undefined
      : 'is not the engine’s door'
  }
  return top === 'app' && targetTop === 'app' ? undefined : 'is not below'
}

/** The modules a file names: in import and export statements, import(), types, and as the address of a worker or an asset. */
function specifiers(text: string): string[] {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName)
  const addressed = [...text.matchAll(/new URL\(\s*['"](\.[^'"]*[^'"/])['"],\s*import\.meta\.url/g)].map(
    (match) => match[1],
  )
  return [...imported, ...addressed]
}

function sources(): string[] {
  const tops = ['engine', 'workers', 'app'].filter((top) => existsSync(join(root, top)))
  return tops.flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .map((name) => `${top}/${name.replaceAll('\\', '/')}`)
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name)),
  )
}

test('every import goes down', () => {
  const complaints = sources().flatMap((path) =>
    specifiers(readFileSync(join(root, path), 'utf8')).flatMap((specifier) => {
      const words = complaint(path, specifier)
      return words ? [`${path} imports ${specifier}, which ${words}`] : []
    }),
  )
  expect(complaints).toEqual([])
})

test('tests that are excused exist', () => {
  const present = new Set(sources())
  expect(Object.keys(TESTS_LOOKING_UP).filter((path) => !present.has(path))).toEqual([])
})

test.each([
  ['engine/md/raid5.ts', '../block/bio.ts', true],
  ['engine/md/raid5.ts', './stripe.ts', true],
  ['engine/md/raid5.ts', '../raid/raid.ts', false],
  ['engine/md/raid5.ts', '../bufio/bufio.ts', false],
  ['engine/pdata/btree.ts', '../bufio/bufio.ts', true],
  ['engine/md/raid5.ts', '../block/bio', false],
  ['engine/md/raid5.ts', 'node:fs', false],
  ['engine/md/raid5.ts', 'zustand', false],
  ['engine/md/raid5.ts', '@noble/hashes/sha2.js', true],
  ['engine/lab/moment_text.ts', 'fflate', true],
  ['engine/md/raid5.ts', '../../workers/node/lab.ts', false],
  ['engine/md/raid5.test.ts', 'node:fs', true],
  ['engine/md/raid5.test.ts', '../lab/machine.ts', false],
  ['engine/attic/old.ts', '../base/assert.ts', false],
  ['workers/browser/pump.ts', '../../engine/block/disk.ts', true],
  ['workers/browser/pump.ts', '../node/files.ts', false],
  ['workers/browser/pump.ts', 'node:fs', false],
  ['workers/node/lab.ts', 'node:fs', true],
  ['workers/node/lab.ts', '../../app/main.tsx', false],
  ['app/stage/stage.tsx', '../../engine/api/frame.ts', true],
  ['app/stage/stage.tsx', '../../engine/md/stripe.ts', false],
  ['app/stage/stage.tsx', '../../workers/browser/pump.ts', true],
  ['app/stage/stage.tsx', '../../workers/node/lab.ts', false],
  ['app/cut.e2e.ts', '../workers/tools/browser.ts', true],
])('%s may import %s: %s', (path, specifier, isAllowed) => {
  expect(complaint(path, specifier) === undefined).toBe(isAllowed)
})

test('an import is found in every place one can stand', () => {
  const text = `
    import a from './a.ts'
    import type { B } from './b.ts'
    export * from './c.ts'
    const d = await import('./d.ts')
    type E = import('./e.ts').E
    const f = new Worker(new ${'URL'}('./f.ts', import.meta.url), { type: 'module' })
    // import g from './g.ts'
  `
  expect(specifiers(text).sort()).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
})
