/** A disk's bytes in a file: the image, raw, as other programs expect it. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'

export class NodeBacking implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly #file: number

  private constructor(file: number, sizeBytes: number) {
    this.#file = file
    this.sizeBytes = sizeBytes
  }

  /**
   * Opens an image that exists.
   * @throws what the file system says, or that the file holds no whole sector.
   */
  static open(path: string): NodeBacking {
    const file = openSync(path, 'r+')
    const { size } = fstatSync(file)
    if (size < 512) {
      closeSync(file)
      throw new Error(`${path} holds ${size} bytes: an image has at least one sector of 512`)
    }
    return new NodeBacking(file, size - (size % 512))
  }

  /** Makes a new image, all zeros; it takes no room before it is written. */
  static create(path: string, sizeBytes: number): NodeBacking {
    const file = openSync(path, 'w+')
    ftruncateSync(file, sizeBytes)
    return new NodeBacking(file, sizeBytes)
  }

  read(at: number, into: Uint8Array): void {
    this.#check(at, into.length)
    for (let done = 0; done < into.length;) {
      const count = readSync(this.#file, into, done, into.length - done, at + done)
      if (count === 0) {
        into.fill(0, done)
        return
      }
      done += count
    }
  }

  write(at: number, from: Uint8Array): void {
    this.#check(at, from.length)
    for (let done = 0; done < from.length;) done += writeSync(this.#file, from, done, from.length - done, at + done)
  }

  /** The host keeps what a program has written when the program dies: nothing is to be done. */
  flush(): void {
    return
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.sizeBytes) throw new RangeError(`${length} bytes at ${at} reach beyond the image`)
  }

  close(): void {
    closeSync(this.#file)
  }
}
