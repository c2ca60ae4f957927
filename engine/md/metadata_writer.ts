import type { Bio, BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'

/** A procedure that writes what an array keeps on its members about itself, and waits for it. */
export abstract class MetadataWriter extends Procedure implements BioOwner {
  readonly array: MdArray

  constructor(array: MdArray, firstStep: string) {
    super(array.sim, firstStep)
    this.array = array
  }

  bioDone(bio: Bio): void {
    this.array.metadataDone(bio)
    this.arrived()
  }

  /** Writes a page of the bitmap, if there is one, to every live member. */
  writeBitmapPage(page: number): void {
    const { bitmap } = this.array
    if (bitmap === null) return
    this.pending += bitmap.writers
    bitmap.writePage(page, this)
  }

  /** The page with the header, brought up to date. */
  writeBitmapHeader(): void {
    this.array.bitmap?.updateHeader()
    this.writeBitmapPage(0)
  }
}
