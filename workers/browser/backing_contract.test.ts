import { describe, expect, test } from 'vitest'
import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'
import { Media } from '../../engine/block/media.ts'
import { BACKING_CHECKS, backingContract, checkBacking, type BackingKind } from './backing_contract.ts'
import { MemoryBacking } from './memory_backing.ts'

const MEMORY: BackingKind = { create: (sizeBytes) => new MemoryBacking(sizeBytes) }

describe('bytes in memory keep the contract', () => {
  test.each(BACKING_CHECKS)('%s', (name) => checkBacking(name, MEMORY))
})

/** A medium, seen as what it could itself stand on. */
class MediumAsBacking implements Backing {
  readonly [SHARED] = true
  readonly medium: Media

  constructor(medium: Media) {
    this.medium = medium
  }

  get sizeBytes(): number {
    return this.medium.sizeBytes
  }

  read(at: number, into: Uint8Array): void {
    this.#check(at, into.length)
    this.medium.read(at, into, 0, into.length)
  }

  write(at: number, from: Uint8Array): void {
    this.#check(at, from.length)
    this.medium.write(at, from, 0, from.length)
  }

  flush(): void {
    this.medium.flush()
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.sizeBytes) throw new RangeError('beyond the medium')
  }
}

describe('a medium keeps the contract', () => {
  test.each(BACKING_CHECKS)('in memory: %s', (name) => {
    checkBacking(name, { create: (sizeBytes) => new MediumAsBacking(new Media(sizeBytes)) })
  })

  test.each(BACKING_CHECKS)('on a backing: %s', (name) => {
    checkBacking(name, {
      create: (sizeBytes) => new MediumAsBacking(new Media(sizeBytes, new MemoryBacking(sizeBytes))),
    })
  })
})

describe('a backing that breaks the contract is found', () => {
  class OneByteOff extends MemoryBacking {
    override write(at: number, from: Uint8Array): void {
      super.write(at === 65536 ? at + 1 : at, from)
    }
  }
  class Forgetful extends MemoryBacking {
    override read(at: number, into: Uint8Array): void {
      if (at + into.length > this.sizeBytes) into.fill(0)
      else super.read(at, into)
    }
  }

  test.each([
    ['that writes beside', (sizeBytes: number) => new OneByteOff(sizeBytes)],
    ['that reads beyond its end', (sizeBytes: number) => new Forgetful(sizeBytes)],
  ])('one %s', (_, create) => {
    expect(backingContract({ create })).toHaveLength(1)
  })
})
