import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BACKING_CHECKS, checkBacking, type BackingKind } from '../browser/backing_contract.ts'
import { NodeBacking } from './node_backing.ts'

const folder = mkdtempSync(join(tmpdir(), 'backing-'))
afterAll(() => rmSync(folder, { recursive: true }))

class Files implements BackingKind {
  count = 0
  path = ''

  create(sizeBytes: number): NodeBacking {
    this.path = join(folder, `${this.count++}.img`)
    return NodeBacking.create(this.path, sizeBytes)
  }

  reopen(): NodeBacking {
    return NodeBacking.open(this.path)
  }
}

describe('a file keeps the contract', () => {
  test.each(BACKING_CHECKS)('%s', (name) => {
    const files = new Files()
    checkBacking(name, files)
  })
})

test('a new image takes no room', () => {
  const path = join(folder, 'sparse.img')
  NodeBacking.create(path, 1 << 30).close()
  expect(statSync(path)).toMatchObject({ size: 1 << 30, blocks: 0 })
})

test('what is beyond the last whole sector is left alone, and less than one is no disk', () => {
  const path = join(folder, 'odd.img')
  writeFileSync(path, new Uint8Array(1300).fill(7))
  const backing = NodeBacking.open(path)
  expect(backing.sizeBytes).toBe(1024)
  backing.write(512, new Uint8Array(512))
  expect(() => backing.write(1024, new Uint8Array(1))).toThrow(RangeError)
  expect(statSync(path).size).toBe(1300)
  writeFileSync(path, new Uint8Array(100))
  expect(() => NodeBacking.open(path)).toThrow('at least one sector')
})
