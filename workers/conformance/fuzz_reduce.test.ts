import { expect, test } from 'vitest'
import { lineCount, textsOf, type FuzzCase } from './fuzz_case.ts'
import { reduce } from './fuzz_reduce.ts'
import { readTable, shorterLines } from './fuzz_shorten.ts'

const TABLE =
  "dmsetup create r --table '0 4096 raid raid5_ls 5 16 region_size 64 stripe_cache 256 3 /dev/ma /dev/a /dev/mb /dev/b /dev/mc /dev/c'"

function example(changes: Partial<FuzzCase> = {}): FuzzCase {
  return {
    name: 'fuzz_1_2',
    kind: 'raid5_ls',
    disks: ['#! disk a 1M zero'],
    header: [],
    cut: null,
    deeds: [[TABLE, 'settle'], ['dd one count=40', 'settle'], ['check', 'settle', 'status'], ['dd two'], ['sha256sum']],
    ending: ['settle', 'remove'],
    ...changes,
  }
}

/** Judges by a rule over the script's lines, and counts what it was asked. */
function judge(rule: (lines: string[]) => boolean): {
  rounds: number[]
  differs: (candidates: readonly FuzzCase[]) => Promise<boolean[]>
} {
  const rounds: number[] = []
  const differs = (candidates: readonly FuzzCase[]): Promise<boolean[]> => {
    rounds.push(candidates.length)
    expect(new Set(candidates.map(({ name }) => name)).size).toBe(candidates.length)
    return Promise.resolve(candidates.map((one) => rule([...(one.cut?.deeds ?? []), ...one.deeds, one.ending].flat())))
  }
  return { rounds, differs }
}

test('what a difference does not need is left out, and no more', async () => {
  const { differs, rounds } = judge(
    (lines) => lines.some((line) => line.includes('raid5_ls')) && lines.includes('status'),
  )
  const short = await reduce(example(), null, differs)
  expect(short.deeds.flat().filter((line) => line !== 'settle')).toEqual([
    "dmsetup create r --table '0 2048 raid raid5_ls 1 16 2 /dev/ma /dev/a /dev/mb /dev/b'",
    'status',
  ])
  expect(short.ending).toEqual(['settle', 'remove'])
  // Few boots, each with many candidates.
  expect(rounds.length).toBeLessThan(8)
  expect(Math.max(...rounds)).toBeGreaterThan(5)
})

test('two deeds that are only needed together both stay', async () => {
  const { differs } = judge((lines) => lines.includes('dd two') && lines.includes('sha256sum'))
  const short = await reduce(example(), null, differs)
  expect(short.deeds).toEqual([['dd two'], ['sha256sum']])
})

test('what comes after the first difference is left out first', async () => {
  const asked: FuzzCase[][] = []
  await reduce(example(), 3, (candidates) => {
    asked.push([...candidates])
    return Promise.resolve(candidates.map(() => false))
  })
  expect(asked).toHaveLength(1)
  expect(asked[0]![0]!.deeds).toHaveLength(2)
})

test('a case that is as short as it can be stays as it is', async () => {
  const { differs } = judge(() => false)
  const one = example()
  expect(textsOf(await reduce(one, null, differs))).toEqual(textsOf(one))
})

test('of the lines before a cut those are left out that it does not need, but the cut stays', async () => {
  const cut = { cutIn: 'simulator' as const, deeds: [['create'], ['dd'], ['power cut --after-writes 3', 'dd']] }
  const { differs } = judge((lines) => lines.includes('create'))
  const short = await reduce(example({ cut }), null, differs)
  expect(short.cut!.deeds).toEqual([['create'], ['power cut --after-writes 3', 'dd']])
  expect(lineCount(short)).toBe(5)
})

test('a table loses parameters and legs, and stays well-formed', () => {
  const texts = shorterLines([TABLE]).map((change) => change(TABLE))
  expect(texts).toContain(TABLE.replace('5 16 region_size 64 ', '3 16 '))
  expect(texts).toContain(TABLE.replace('5 16 region_size 64 stripe_cache 256', '3 16 region_size 64'))
  expect(texts).toContain(
    "dmsetup create r --table '0 2048 raid raid5_ls 5 16 region_size 64 stripe_cache 256 2 /dev/ma /dev/a /dev/mb /dev/b'",
  )
  for (const text of texts) expect(readTable(text)).not.toBeNull()
  expect(readTable("dmsetup create r --table '0 4096 raid raid5_ls 9 16 3 /dev/ma'")).toBeNull()
})

test('a --create loses words that it can do without', () => {
  const line = 'mdadm --create /dev/md0 --level=5 --raid-devices=3 --layout=ra --force --run /dev/a /dev/b /dev/c'
  const texts = shorterLines([line]).map((change) => change(line))
  expect(texts).toEqual([line.replace(' --layout=ra', ''), line.replace(' --force', '')])
})
