import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { goldenPath } from './golden.ts'
import { parseScript } from './script.ts'
import { keptImages, readCases, SCRIPTS } from './suite.ts'

const cases = readCases(SCRIPTS, /./)

test('there are enough scripts, and each has its golden', () => {
  expect(cases.length).toBeGreaterThan(100)
  const without = cases.filter(({ script }) => !existsSync(goldenPath(SCRIPTS, script.name)))
  expect(without.map(({ script }) => script.name)).toEqual([])
})

test('the images that a power cut in the kernel left are kept', () => {
  const cuts = cases.flatMap(({ cut }) => (cut?.cutIn === 'kernel' ? [cut] : []))
  expect(cuts.length).toBeGreaterThan(2)
  for (const cut of cuts) expect(existsSync(keptImages(SCRIPTS, cut)), cut.name).toBe(true)
})

test('nothing lies about that belongs to no script', () => {
  const names = new Set(cases.flatMap(({ script, cut }) => (cut === null ? [script.name] : [script.name, cut.name])))
  const stray = readdirSync(SCRIPTS).filter((file) => !names.has(file.replace(/\.(lab|golden\.json|golden\.gz)$/, '')))
  expect(stray).toEqual([])
})

test('the scripts keep to the language: no pipes, variables or loops, one command a line, a sentence on top', () => {
  for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith('.lab'))) {
    const script = parseScript(file.slice(0, -'.lab'.length), readFileSync(`${SCRIPTS}${file}`, 'utf8'))
    expect(script.text, file).toMatch(/^(# [^\n]+\n)+#! /)
    for (const { text } of script.commands) expect(text.split('\n')[0], file).not.toMatch(/[|;&$`]|\bfor\b|\bwhile\b/)
  }
})
