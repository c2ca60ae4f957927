/**
 * Random reads and writes with dd, of all sizes, now and then past the end. Every write says `nocreat`: what is written to a device
 * that is not there becomes a file in the kernel's /dev, and here there is nothing but devices.
 */
import type { Dice } from './fuzz_dice.ts'

/** What is written comes from this disk, which has so many sectors. */
const SOURCE_SECTORS = 2048
/** The most that one line moves. */
const MOST_SECTORS = 512

const BLOCKS: readonly (readonly [sectors: number, word: string])[] = [
  [1, '512'],
  [2, '1k'],
  [3, '1536'],
  [8, '4k'],
  [8, '4k'],
  [8, '4k'],
  [16, '8k'],
  [24, '12k'],
  [40, '20k'],
  [64, '32k'],
  [128, '64k'],
  [192, '96k'],
]

interface Place {
  readonly bs: string
  readonly sectors: number
  readonly count: number
  readonly at: number
}

function place(dice: Dice, sizeSectors: number): Place {
  const [sectors, bs] = dice.pick(BLOCKS.filter(([size], i) => i === 0 || size <= sizeSectors))
  const blocks = Math.max(1, Math.floor(sizeSectors / sectors))
  const count = dice.between(
    1,
    Math.max(1, Math.min(blocks, Math.floor(MOST_SECTORS / sectors), dice.pick([1, 3, 8, 40]))),
  )
  const past = dice.percent(4)
  return { bs, sectors, count, at: past ? blocks - Math.floor(count / 2) : dice.between(0, blocks - count) }
}

/** A write to a device of so many sectors: direct, or through the page cache and synced. */
export function writeLine(dice: Dice, device: string, sizeSectors: number, alwaysDirect = false): string {
  const { bs, sectors, count, at } = place(dice, sizeSectors)
  const skip = dice.between(0, Math.max(0, Math.floor(SOURCE_SECTORS / sectors) - count))
  const how = alwaysDirect || dice.percent(80) ? 'oflag=direct conv=nocreat' : 'conv=fsync,nocreat'
  return `dd if=/dev/src of=${device} bs=${bs} count=${count} seek=${at} skip=${skip} ${how}`
}

/** Reads a stretch and says what was read. */
export function readLines(dice: Dice, device: string, sizeSectors: number): string[] {
  const { bs, count, at } = place(dice, sizeSectors)
  return [`dd if=${device} of=/tmp/x bs=${bs} count=${count} skip=${at} iflag=direct`, 'sha256sum /tmp/x']
}
