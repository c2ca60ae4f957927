import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** The longest a file of source may be. */
const LINES_MAX = 500

/** Tests that are skipped on purpose: the file, and why. */
const SKIPPING: Record<string, string> = {
  'app/firefox.e2e.ts': 'there may be no Firefox, and none to be had without being root',
}

/** Where `/tmp/` is the memory of the simulated or judged machine, not a folder of the machine the project runs on. */
const TMP_IS_SIMULATED = [
  /^engine\/(shell|lab)\//,
  /^engine\/api\/.*\.test\.ts$/,
  /^workers\/conformance\/fuzz_/,
  /^(app|workers\/browser)\/.*\.(test|e2e)\.tsx?$/,
  /\.(lab|sh|md)$/,
]

/** What the engine has none of: time, chance and waiting of its own. Names as they stand in an expression. */
const FOREIGN_TO_ENGINE = new Set([
  'Date',
  'Promise',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
])

interface Source {
  /** From the project's folder. */
  path: string
  text: string
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const self = 'workers/tidy.test.ts'

const sources: Source[] = [
  ...['README.md', 'ARCHITECTURE.md', 'index.html', 'vite.config.ts', 'eslint.config.js', '.ci/run'],
  ...['engine', 'workers', 'app'].flatMap(filesOf),
]
  .filter((path) => existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** The files of source in one of the project's folders. */
function filesOf(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => /\.(ts|tsx|mjs|css|sh|lab)$/.test(name))
}

function isTest(path: string): boolean {
  return /\.(test|e2e)\.tsx?$/.test(path)
}

/** Every line that a pattern matches, as `path:line: text`. */
function linesWith(pattern: RegExp, isMeant: (source: Source) => boolean = () => true): string[] {
  return sources
    .filter((source) => source.path !== self && isMeant(source))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    )
}

/**
 * Where a file of the engine reaches for what does not come from its machine: clocks, chance, waiting, state of the module.
 * Comments and texts may speak of them.
 */
function strayings(source: Source): string[] {
  const file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2023, true)
  const found: string[] = []
  const report = (node: ts.Node, what: string): void => {
    found.push(`${source.path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && FOREIGN_TO_ENGINE.has(node.text) && isFree(node)) report(node, node.text)
    else if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') report(node, 'Math.random')
    else if (ts.isAwaitExpression(node)) report(node, 'await')
    else if (node.kind === ts.SyntaxKind.AsyncKeyword) report(node, 'async')
    ts.forEachChild(node, visit)
  }
  visit(file)
  for (const statement of file.statements) {
    const isLet = ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const)
    if (isLet) report(statement, 'a variable of the module')
  }
  return found
}

/** Whether a name stands for itself: not a property, not the name of a member, not what a value is asked whether it is one. */
function isFree(name: ts.Identifier): boolean {
  const { parent } = name
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) return false
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return name === (ts.isPropertyAccessExpression(parent) ? parent.expression : parent.left)
  }
  const isMember =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent)
  return !(isMember && parent.name === name)
}

test('files are short', () => {
  const long = sources.filter(
    ({ path, text }) => !path.endsWith('.md') && text.trimEnd().split('\n').length > LINES_MAX,
  )
  expect(long.map(({ path }) => path)).toEqual([])
})

test('names are snake_case', () => {
  const names = ['engine', 'workers', 'app'].flatMap(filesOf)
  expect(names.filter((path) => !/^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(basename(path)))).toEqual([])
})

test('nothing is left to be done', () => {
  expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([])
})

test('no check is switched off', () => {
  expect(linesWith(/eslint-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore/)).toEqual([])
})

test('every test runs, alone or with the others', () => {
  const narrowed = /\b(test|it|describe|suite)(\.\w+)*\.only\b/
  expect(linesWith(narrowed, ({ path }) => isTest(path))).toEqual([])
  const skipped = /\b(test|it|describe|suite|context|ctx)(\.\w+)*\.(skip|skipIf|runIf|todo|fails)\b/
  expect(linesWith(skipped, ({ path }) => isTest(path) && !SKIPPING[path])).toEqual([])
})

test('the engine has no clock, chance, waiting or state of its own', () => {
  expect(sources.filter(({ path }) => path.startsWith('engine/') && !isTest(path)).flatMap(strayings)).toEqual([])
})

test('no path of one machine', () => {
  expect(linesWith(/(?<![\w.}:/-])\/(work|home|root|Users)\//)).toEqual([])
  const isSimulated = (path: string): boolean => TMP_IS_SIMULATED.some((pattern) => pattern.test(path))
  expect(linesWith(/(?<![\w.}:/-])\/(var\/)?tmp\//, ({ path }) => !isSimulated(path))).toEqual([])
})

test('the lock file names no registry', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  expect(lock).not.toMatch(/"resolved"/)
  expect(lock).not.toMatch(/registry/)
})

test.each([
  ['const t = Date.now()', 'Date'],
  ['const r = Math.random()', 'Math.random'],
  ['let count = 0', 'a variable of the module'],
  ['async function f() {}', 'async'],
  ['const g = async () => 1', 'async'],
  ['function f(): Promise<void> { return g }', 'Promise'],
  ['const f = () => setTimeout(f, 1)', 'setTimeout'],
])('in the engine, "%s" is found', (text, what) => {
  expect(strayings({ path: 'x.ts', text })).toEqual([`x.ts:1: ${what}`])
})

test.each([
  '// lazily, not await or Date',
  "const s = 'new Date'",
  'const p = { process: 1 }',
  'const c = sim.process',
])('in the engine, "%s" is fine', (text) => {
  expect(strayings({ path: 'x.ts', text })).toEqual([])
})
