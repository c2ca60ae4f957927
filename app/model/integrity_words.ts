/** An integrity device in words. */
import type { Frame } from '../../engine/api/frame.ts'
import { BLOCK_IN_JOURNAL, BLOCK_UNCHECKED, BLOCK_WRONG, type IntegrityLook } from '../../engine/api/integrity_flags.ts'
import { plural } from '../draw/format.ts'
import { runsOf } from './tree_words.ts'

/** The mapped devices that are integrity devices, by their tables. */
export function integrityDevices(frame: Frame | undefined): readonly string[] {
  const mapped = frame?.mapped ?? []
  return mapped.filter(({ table }) => table.some((line) => /^\d+ \d+ integrity /.test(line))).map(({ name }) => name)
}

const PROMISES: Readonly<Record<IntegrityLook['mode'], string>> = {
  J: 'Mode J: data and tags go through the journal. After a power cut every block has its old bytes and tag, or its new ones.',
  B: 'Mode B: bits say where is being written. After a power cut those stretches are recalculated: what is there then is right by definition, rot as well.',
  D: 'Mode D: data and tags are written side by side. A power cut leaves blocks whose tag does not fit.',
  R: 'Mode R: what is there is read, whatever its tag says, and nothing is written.',
}

/** What the mode means. */
export function modeWords({ mode }: IntegrityLook): string {
  return PROMISES[mode]
}

export function blocksWith({ blocks }: IntegrityLook, flag: number): number {
  return blocks.reduce((sum, flags) => sum + ((flags & flag) === 0 ? 0 : 1), 0)
}

/** Which blocks do not fit now, and how many were found so. */
export function fitWords(look: IntegrityLook): string {
  const found = look.mismatches === 0 ? '' : ` ${look.mismatches} found so far.`
  if (look.failed !== '') return `The device has failed: every read and write ends with ${look.failed}.${found}`
  if (look.unknown !== '') return `Not known: ${look.unknown}.${found}`
  if (look.mode === 'R') return `Tags are not looked at.${found}`
  const wrong = blocksWith(look, BLOCK_WRONG)
  const unchecked = blocksWith(look, BLOCK_UNCHECKED)
  const later = unchecked === 0 ? '' : ` ${plural(unchecked, 'block')} not checked until recalculated.`
  const all = plural(look.blocks.length, 'block')
  if (wrong === 0) return `${unchecked === 0 ? `All ${all} fit their tags.` : 'No block is wrong.'}${later}${found}`
  return `${wrong} of ${all} do not fit their tags: ${runsOf(look.blocks, BLOCK_WRONG)}.${later}${found}`
}

/** What is in the journal, or in the bitmap. */
export function stateWords(look: IntegrityLook): string {
  const tags =
    look.dirtyTagBuffers === 0
      ? ''
      : ` ${plural(look.dirtyTagBuffers, 'buffer')} of tags newer in memory than on the disk.`
  if (look.mode === 'J') {
    const entries = look.sections.length * look.sectionEntries
    const blocks = blocksWith(look, BLOCK_IN_JOURNAL)
    const held = look.blocks.length === 0 ? '' : `, ${plural(blocks, 'block')} with newest bytes in it`
    return `Journal: ${entries - look.freeEntries} of ${entries} entries taken${held}.${tags}`
  }
  if (look.mode !== 'B') return tags.trim()
  const set = look.bits.reduce((sum, bit) => sum + (bit & 1), 0)
  return `Bitmap: ${set} of ${plural(look.bits.length, 'bit')} set, ${look.bitSectors} sectors each.${tags}`
}

/** The worst of each of at most `cells` equal parts. */
export function worstOf(flags: Uint8Array, cells: number): { readonly each: number; readonly worst: Uint8Array } {
  const each = Math.max(1, Math.ceil(flags.length / cells))
  const worst = new Uint8Array(Math.ceil(flags.length / each))
  for (let i = 0; i < flags.length; i++) worst[Math.floor(i / each)] |= flags[i]
  return { each, worst }
}
