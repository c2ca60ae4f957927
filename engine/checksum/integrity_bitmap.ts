/**
 * The bitmaps of an integrity device, a bit for each stretch of blocks: what is being written, as the disk has it (in the first blocks of the
 * journal); what may be written without asking the disk; what has to be recalculated, and is not checked until then.
 * @source block_bitmap_op, drivers/md/dm-integrity.c, 6.1
 */
import { allClear, allSet, clearBits, setBits } from './bitmap_bits.ts'
import type { IntegrityDevice } from './integrity_device.ts'

/** Bytes of a block of the bitmap. */
export const BITMAP_BLOCK_BYTES = 4096

export type BitmapName = 'disk' | 'mayWrite' | 'recalculate'

export class Bitmaps {
  readonly device: IntegrityDevice
  readonly log2BlocksPerBit: number
  readonly blocks: number
  private readonly mayWrite: number
  private readonly recalculate: number

  constructor(device: IntegrityDevice, log2BlocksPerBit: number, blocks: number) {
    this.device = device
    this.log2BlocksPerBit = log2BlocksPerBit
    this.blocks = blocks
    const { memory } = device.sim
    const has = device.line.mode === 'B'
    this.mayWrite = has ? memory.allocateZeroed(blocks * BITMAP_BLOCK_BYTES) : 0
    this.recalculate = has ? memory.allocateZeroed(blocks * BITMAP_BLOCK_BYTES) : 0
  }

  /** Sectors of a bit. */
  get bitSectors(): number {
    return this.device.layout.blockSectors * 2 ** this.log2BlocksPerBit
  }

  /** The bit that a sector belongs to. */
  bitOf(sector: number): number {
    return Math.floor(sector / this.bitSectors)
  }

  /** The block of the bitmap in which a sector's bit is. */
  blockOf(sector: number): number {
    return Math.floor(this.bitOf(sector) / (BITMAP_BLOCK_BYTES * 8))
  }

  allSet(name: BitmapName, sector: number, sectors: number): boolean {
    return sectors === 0 || allSet(this.bytes, this.at(name), this.bitOf(sector), this.bitOf(sector + sectors - 1) + 1)
  }

  allClear(name: BitmapName, sector: number, sectors: number): boolean {
    return (
      sectors === 0 || allClear(this.bytes, this.at(name), this.bitOf(sector), this.bitOf(sector + sectors - 1) + 1)
    )
  }

  set(name: BitmapName, sector: number, sectors: number): void {
    if (sectors > 0) setBits(this.bytes, this.at(name), this.bitOf(sector), this.bitOf(sector + sectors - 1) + 1)
  }

  clear(name: BitmapName, sector: number, sectors: number): void {
    if (sectors > 0) clearBits(this.bytes, this.at(name), this.bitOf(sector), this.bitOf(sector + sectors - 1) + 1)
  }

  /** Makes one the same as that of the disk. */
  copyFromDisk(to: 'mayWrite' | 'recalculate'): void {
    this.device.sim.memory.copy(this.at(to), this.device.journal, this.blocks * BITMAP_BLOCK_BYTES)
  }

  free(): void {
    if (this.mayWrite === 0) return
    this.device.sim.memory.free(this.mayWrite)
    this.device.sim.memory.free(this.recalculate)
  }

  private get bytes(): Uint8Array {
    return this.device.sim.memory.bytes
  }

  private at(name: BitmapName): number {
    return name === 'disk' ? this.device.journal : name === 'mayWrite' ? this.mayWrite : this.recalculate
  }
}
