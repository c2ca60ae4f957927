/** The shape of trees, held against what `veritysetup format` (cryptsetup 2.6.1) made of the same data. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DigestName } from '../base/digests.ts'
import { encodeVeritySuperblock, readVeritySuperblock, verityTreeStart } from '../format/verity_superblock.ts'
import { Chance } from '../sim/chance.ts'
import { bytesOfHex, digestHex, HashTree, treeProblem } from './hash_tree.ts'
import golden from './hash_tree.golden.json'

const UUID = bytesOfHex('12345678123456789abcdef012345678') as Uint8Array

function parametersOf(one: (typeof golden.cases)[number]): HashTree['parameters'] {
  return {
    ...one,
    algorithm: one.algorithm as DigestName,
    salt: bytesOfHex(one.salt) as Uint8Array,
    start: verityTreeStart(one.offset, one.hashBlockBytes, true),
  }
}

/** All of a hash device: the superblock and the tree, by what the tree says of places. */
function hashFile(tree: HashTree, data: Uint8Array, offset: number): { file: Uint8Array; root: Uint8Array } {
  const { parameters } = tree
  const { dataBlockBytes, hashBlockBytes, dataBlocks } = parameters
  const file = new Uint8Array(Math.max(tree.end * hashBlockBytes, offset + 512))
  file.set(encodeVeritySuperblock({ ...parameters, uuid: UUID }), offset)
  for (let block = 0; block < dataBlocks && tree.levels > 0; block++) {
    const sum = tree.digest(data.subarray(block * dataBlockBytes, (block + 1) * dataBlockBytes))
    file.set(sum, tree.hashBlock(block, 0) * hashBlockBytes + tree.slotOffset(block, 0))
  }
  for (let level = 1; level < tree.levels; level++) {
    for (let i = 0; i < tree.levelBlocks[level - 1]; i++) {
      const below = tree.levelStart[level - 1] + i
      const { from } = tree.dataBelow(below)
      const sum = tree.digest(file.subarray(below * hashBlockBytes, (below + 1) * hashBlockBytes))
      file.set(sum, tree.hashBlock(from, level) * hashBlockBytes + tree.slotOffset(from, level))
    }
  }
  const top = tree.levels === 0 ? data : file.subarray(tree.parameters.start * hashBlockBytes)
  const topBytes = tree.levels === 0 ? dataBlockBytes : hashBlockBytes
  return { file, root: tree.digest(top.subarray(0, topBytes)) }
}

describe('what veritysetup made', () => {
  test.each(golden.cases.map((one, index) => ({ ...one, index })))(
    'case $index: type $hashType, $algorithm, $dataBlocks × $dataBlockBytes, hash blocks of $hashBlockBytes',
    ({ index, ...one }) => {
      const data = new Uint8Array(one.dataBlocks * one.dataBlockBytes)
      new Chance(index, 'data').fill(data)
      const tree = new HashTree(parametersOf(one))
      const { file, root } = hashFile(tree, data, one.offset)
      expect(digestHex(root)).toBe(one.root)
      expect(digestHex(file.subarray(one.offset, one.offset + 96))).toBe(one.superblock)
      const length = file.findLastIndex((byte) => byte !== 0) + 1
      expect(length).toBe(one.bytes)
      expect(createHash('sha256').update(file.subarray(0, length)).digest('hex')).toBe(one.sha256)
      const read = readVeritySuperblock(file.slice(one.offset, one.offset + 512))
      expect(read).toMatchObject({ ok: true, value: { data_blocks: one.dataBlocks, algorithm: one.algorithm } })
    },
  )

  test('there are trees of every height from none to four levels', () => {
    const heights = new Set(golden.cases.map((one) => new HashTree(parametersOf(one)).levels))
    expect([...heights].sort()).toEqual(expect.arrayContaining([0, 1, 2, 3]))
  })
})

describe('places', () => {
  const tree = new HashTree({ ...parametersOf(golden.cases[0]), dataBlocks: 1000, hashBlockBytes: 512, start: 3 })

  test('each hash block has its own level and its own data, and they lie side by side', () => {
    for (let level = 0; level < tree.levels; level++) {
      let next = 0
      for (let i = 0; i < tree.levelBlocks[level]; i++) {
        const block = tree.levelStart[level] + i
        expect(tree.levelOf(block)).toBe(level)
        const { from, to } = tree.dataBelow(block)
        expect(from).toBe(next)
        expect(tree.hashBlock(from, level)).toBe(block)
        expect(tree.hashBlock(to - 1, level)).toBe(block)
        next = to
      }
      expect(next).toBe(1000)
    }
    expect(tree.levelStart[tree.levels - 1]).toBe(3)
    expect(tree.levelOf(2)).toBe(-1)
    expect(tree.levelOf(tree.end)).toBe(-1)
  })

  test('a tree that no device has room for is a problem, not a loop', () => {
    expect(treeProblem({ ...tree.parameters, dataBlocks: 2 ** 52 })).not.toBeNull()
    expect(treeProblem({ ...tree.parameters, algorithm: 'sha512', hashBlockBytes: 64 })).not.toBeNull()
    expect(treeProblem(tree.parameters)).toBeNull()
    const large = { ...tree.parameters, dataBlocks: 2 ** 42, hashBlockBytes: 512 }
    expect(treeProblem(large)).toBeNull()
    expect(new HashTree(large).levels).toBeLessThan(64)
  })
})

test('spoilt superblocks are read or refused, and nothing else (seed 20261121)', () => {
  const chance = new Chance(20261121, 'superblocks')
  const tree = new HashTree(parametersOf(golden.cases[0]))
  let read = 0
  for (let round = 0; round < 3000; round++) {
    const block = encodeVeritySuperblock({ ...tree.parameters, uuid: UUID })
    if (round % 10 === 0) chance.fill(block, 8)
    for (let i = chance.below(4); i >= 0; i--) block[chance.below(96)] = chance.below(256)
    const result = readVeritySuperblock(block)
    if (result.ok) read++
    else expect(typeof result.message).toBe('string')
  }
  expect(read).toBeGreaterThan(500)
  expect(read).toBeLessThan(2500)
})
