import { expect, test } from 'vitest'
import { RAID_TYPES } from '../../engine/raid/raid_type.ts'
import { lineCount, scriptsOf, textsOf, type FuzzCase } from './fuzz_case.ts'
import { fuzzCase, kindCounts } from './fuzz_cases.ts'
import { Dice } from './fuzz_dice.ts'
import { MISTAKE_NAMES, wrongTable } from './fuzz_mistakes.ts'
import { readTable } from './fuzz_shorten.ts'
import { newTable, tableLine } from './fuzz_tables.ts'

const SEED = 20260

function cases(seed: number, count: number): FuzzCase[] {
  return Array.from({ length: count }, (_, i) => fuzzCase(seed, i))
}

function lines(one: FuzzCase): string[] {
  return [...(one.cut?.deeds ?? []), ...one.deeds, one.ending].flat()
}

test('the same seed and number is the same case, whatever was drawn before; another is another', () => {
  const all = cases(SEED, 60).map((one) => JSON.stringify(textsOf(one)))
  for (const i of [59, 3, 17]) expect(JSON.stringify(textsOf(fuzzCase(SEED, i)))).toBe(all[i])
  expect(new Set(all).size).toBe(60)
  expect(JSON.stringify(textsOf(fuzzCase(SEED + 1, 3)))).not.toBe(all[3])
})

test('every case is a script of the suite with at most 16 disks, and short', () => {
  for (const one of cases(SEED, 300)) {
    const { script, cut } = scriptsOf(one)
    const made = (cut ?? script).disks
    expect(made.length, one.name).toBeLessThanOrEqual(16)
    const all = [...one.deeds, one.ending].flat().filter((line) => line !== 'settle')
    expect(script.commands.map(({ text }) => text).filter((line) => line !== 'settle')).toEqual(all)
    expect(lineCount(one), one.name).toBeLessThan(80)
    expect(cut?.cutIn ?? null, one.name).toBe(one.cut?.cutIn ?? null)
    if (cut !== null) expect(cut.text, one.name).toContain('power cut')
  }
})

test('a seventh of the cases is wrong on purpose, and all types, levels, mistakes and cuts occur', () => {
  const all = cases(SEED, 2000)
  const wrong = all.filter(({ kind }) => kind.startsWith('wrong')).length / all.length
  expect(wrong).toBeGreaterThan(0.12)
  expect(wrong).toBeLessThan(0.18)
  const kinds = kindCounts(all).join(', ')
  for (const { name } of RAID_TYPES) expect(kinds).toMatch(new RegExp(`\\b${name} \\d`))
  for (const level of [0, 1, 4, 5, 6, 10]) expect(kinds).toContain(`md raid${level} `)
  for (const world of ['simulator', 'kernel']) expect(kinds).toContain(`cut in the ${world}`)
  const told = all.map(({ kind }) => kind).join(' ')
  for (const name of MISTAKE_NAMES) expect(told).toContain(name)
  const text = all.flatMap(lines).join('\n')
  for (const word of [
    'frozen',
    'repair',
    '--re-add',
    'flakey',
    'dust',
    'rebuild',
    ' - - ',
    'conv=fsync',
    '--keep none',
  ]) {
    expect(text).toContain(word)
  }
})

test('what has no repeatable answer does not occur', () => {
  for (const one of cases(SEED, 1000)) {
    const all = lines(one)
    const text = all.join('\n')
    // Journals and reshapes come later; a valid `sync` writes what nobody knows.
    expect(text).not.toMatch(/journal_dev|delta_disks [1-9]\d? /)
    if (!/wrong|load r/.test(`${one.kind} ${text}`)) expect(text, one.name).not.toMatch(/ sync /)
    // A sync action is waited for before anything else is asked.
    all.forEach((line, i) => {
      if (/ (check|repair)$| (check|repair) > /.test(line)) expect(all[i + 1], `${one.name}: ${line}`).toBe('settle')
    })
    // What is written to a device that is not there becomes a file of the kernel's.
    for (const line of all.filter((each) => /^dd .*of=\/dev\/(md0|mapper)/.test(each)))
      expect(line).toContain('nocreat')
  }
})

test('a table says how many parameters it has, and its length divides among its legs', () => {
  const dice = new Dice(SEED, 'tables')
  for (let i = 0; i < 400; i++) {
    const table = newTable(dice)
    const words = tableLine(table).split(' ')
    const count = Number(words[4])
    expect(words[5]).toBe(String(table.chunkSectors))
    expect(Number(words[5 + count])).toBe(table.places.length)
    expect(words.length).toBe(6 + count + 2 * table.places.length)
    const { lengthSectors, legSectors, copies, parityLegs, places, level } = table
    if (level === 10) expect(lengthSectors * copies).toBe(legSectors * places.length)
    else expect(lengthSectors).toBe(level === 1 ? legSectors : legSectors * (places.length - parityLegs))
  }
})

test('a mistake is in the line: a type that there is not, a leg that is missing, a count that is wrong', () => {
  const seen = new Map<string, string[]>()
  for (let i = 0; i < 900; i++) {
    const { mistake, line } = wrongTable(new Dice(SEED, `mistake ${i}`))
    seen.set(mistake, [...(seen.get(mistake) ?? []), line])
  }
  expect([...seen.keys()].sort()).toEqual([...MISTAKE_NAMES].sort())
  for (const line of seen.get('type')!) expect(RAID_TYPES.map(({ name }) => name)).not.toContain(line.split(' ')[3])
  for (const line of seen.get('a leg missing')!) expect(line).toContain(' - -')
  for (const line of seen.get('no such device')!) expect(line).toContain('nosuch')
  for (const line of seen.get('count of parameters')!) expect(readTable(`--table '${line}'`)).toBeNull()
  for (const line of seen.get('contradiction')!) expect(line).toMatch(/sync|rebuild|recovery_rate|near/)
})
