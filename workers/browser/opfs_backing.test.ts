import { describe, expect, test } from 'vitest'
import { Chance } from '../../engine/sim/chance.ts'
import { BACKING_CHECKS, checkBacking } from './backing_contract.ts'
import { OpfsBacking, WriteGate } from './opfs_backing.ts'

const SIZE = 50_000
const WRITES = 200
const SEED = 7

/** A file in memory, as an access handle; it can refuse. */
class FakeHandle implements FileSystemSyncAccessHandle {
  bytes = new Uint8Array(0)
  refusal = ''

  getSize(): number {
    return this.bytes.length
  }

  truncate(size: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, size))
    this.bytes = bytes
  }

  read(into: Uint8Array, { at = 0 }: FileSystemReadWriteOptions = {}): number {
    const found = this.bytes.subarray(at, at + into.length)
    into.set(found)
    return found.length
  }

  write(from: Uint8Array, { at = 0 }: FileSystemReadWriteOptions = {}): number {
    if (this.refusal !== '') throw new Error(this.refusal)
    this.bytes.set(from, at)
    return from.length
  }

  flush(): void {
    if (this.refusal !== '') throw new Error(this.refusal)
  }

  close(): void {
    this.bytes = new Uint8Array(0)
  }
}

describe('bytes in a file keep the contract', () => {
  test.each(BACKING_CHECKS)('%s', (name) => {
    checkBacking(name, { create: (sizeBytes) => new OpfsBacking(new FakeHandle(), sizeBytes) })
  })
})

describe('bytes that the file does not take keep it, too', () => {
  test.each(BACKING_CHECKS)('%s', (name) => {
    const create = (sizeBytes: number): OpfsBacking => {
      const gate = new WriteGate()
      gate.shut('no room')
      return new OpfsBacking(new FakeHandle(), sizeBytes, gate)
    }
    checkBacking(name, { create })
  })
})

test('a refused write shuts all files at one instant, and nothing of what comes later is lost', () => {
  const chance = new Chance(SEED, 'refusals')
  const gate = new WriteGate()
  const disks = [0, 1, 2].map(() => {
    const handle = new FakeHandle()
    return { handle, backing: new OpfsBacking(handle, SIZE, gate), shadow: new Uint8Array(SIZE) }
  })
  const write = (): void => {
    const { backing, shadow } = disks[chance.below(disks.length)]
    const at = chance.below(SIZE)
    const bytes = new Uint8Array(1 + chance.below(Math.min(9000, SIZE - at)))
    chance.fill(bytes)
    backing.write(at, bytes)
    shadow.set(bytes, at)
  }
  const expectWhole = (): void => {
    for (const { backing, shadow } of disks) {
      const found = new Uint8Array(SIZE)
      backing.read(0, found)
      expect(found).toEqual(shadow)
    }
  }
  for (let i = 0; i < WRITES; i++) write()
  const instant = disks.map(({ handle }) => handle.bytes.slice())
  disks[1].handle.refusal = 'no room'
  while (gate.reason === null) {
    disks.forEach(({ handle }, i) => instant[i].set(handle.bytes))
    write()
  }
  // Only one file refuses, and yet none is written to any more.
  for (let i = 0; i < WRITES; i++) write()
  expect(disks.map(({ handle }) => handle.bytes)).toEqual(instant)
  expectWhole()
  expect(() => disks.forEach(({ backing }) => backing.writeBack())).toThrow('no room')
  expectWhole()
  disks[1].handle.refusal = ''
  for (const { backing } of disks) backing.writeBack()
  for (const { backing } of disks) backing.forgetOverlay()
  gate.reason = null
  expect(disks.map(({ handle }) => handle.bytes)).toEqual(disks.map(({ shadow }) => shadow))
  for (let i = 0; i < WRITES; i++) write()
  expectWhole()
  expect(disks.map(({ handle }) => handle.bytes)).toEqual(disks.map(({ shadow }) => shadow))
})

test('a flush that fails shuts the files, too', () => {
  const handle = new FakeHandle()
  const gate = new WriteGate()
  const backing = new OpfsBacking(handle, SIZE, gate)
  backing.write(0, Uint8Array.of(1))
  handle.refusal = 'the disk is full'
  backing.flushNow()
  expect(gate.reason).toBe('the disk is full')
})
