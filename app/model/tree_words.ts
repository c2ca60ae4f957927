/** A hash tree in words. */
import {
  TREE_CACHED,
  TREE_DIRTY,
  TREE_FAILS,
  TREE_VERIFIED,
  TREE_WOULD_FAIL,
  type HashTreeLook,
} from '../../engine/api/hash_tree_flags.ts'
import { plural } from '../draw/format.ts'
import { cellFlags, flagsOf } from '../draw/tree_paint.ts'
import type { TreePlace } from '../draw/tree_layout.ts'

/** More runs are not listed. */
const RUNS_MAX = 8

/** Blocks with a flag, as runs: `4–5, 9`. */
export function runsOf(flags: Uint8Array, flag: number): string {
  const runs: string[] = []
  for (let block = 0; block < flags.length; block++) {
    if ((flags[block] & flag) === 0) continue
    const from = block
    while (block + 1 < flags.length && (flags[block + 1] & flag) !== 0) block++
    runs.push(from === block ? `${from}` : `${from}–${block}`)
  }
  const rest = runs.length - RUNS_MAX
  return rest > 0 ? `${runs.slice(0, RUNS_MAX).join(', ')} and ${rest} more runs` : runs.join(', ')
}

/** What a person wants to know first. */
export function treeSummary(look: HashTreeLook): { readonly now: string; readonly afterCut: string } {
  const { failing, failingAfterCut, data, unknown, type } = look
  if (failing === null || failingAfterCut === null) return { now: `Not known: ${unknown}.`, afterCut: '' }
  const now =
    failing === 0
      ? `All ${plural(data.length, 'data block')} fit.`
      : `${failing} of ${plural(data.length, 'data block')} fail: ${runsOf(data, TREE_FAILS)}.`
  const { kept, lost } = failingAfterCut
  const trust = type === 'hashtree' ? ' The topmost block on the disk is taken for right then.' : ''
  if (kept === 0 && lost === 0) return { now, afterCut: `After a power cut now all would fit.${trust}` }
  const fate = `${kept} would fail if all of the disks’ caches survived, ${lost} if nothing of them did`
  return { now, afterCut: `After a power cut now ${fate}: ${runsOf(data, TREE_WOULD_FAIL)}.${trust}` }
}

/** What is counted of each band, the topmost first, the data last. */
export function bandCounts(look: HashTreeLook, band: number): readonly string[] {
  const flags = flagsOf(look, band)
  const count = (flag: number): number => flags.reduce((sum, each) => sum + ((each & flag) !== 0 ? 1 : 0), 0)
  const isData = band === look.levels.length
  const counts = isData ? ['', '', ''] : [count(TREE_CACHED), count(TREE_VERIFIED), count(TREE_DIRTY)].map(String)
  const isKnown = look.failing !== null
  return [`${flags.length}`, ...counts, isKnown ? `${count(TREE_FAILS)}` : '?']
}

export function bandName(look: HashTreeLook, band: number): string {
  return band === look.levels.length ? 'data' : `level ${look.levels.length - 1 - band}`
}

/** One place, with all that is true of it. */
export function placeWords(look: HashTreeLook, { band, from, to }: TreePlace): string {
  const isData = band === look.levels.length
  const flags = cellFlags(flagsOf(look, band), from, to)
  const start = isData ? 0 : look.levels[band].start
  const kind = isData ? 'data block' : 'hash block'
  const name = to === from + 1 ? `${kind} ${start + from}` : `${kind}s ${start + from}–${start + to - 1}`
  const words = [isData ? name : `${bandName(look, band)}, ${name}`]
  if (!isData) {
    const below = band + 1 === look.levels.length ? look.data.length : look.levels[band + 1].blocks.length
    const first = from * 2 ** look.bitsPerBlock
    const last = Math.min(below, to * 2 ** look.bitsPerBlock) - 1
    const what = band + 1 === look.levels.length ? 'data' : `level ${look.levels.length - 2 - band}`
    words.push(`sums of ${what} ${first}–${last}`)
    words.push(
      (flags & TREE_VERIFIED) !== 0
        ? 'checked, in the cache'
        : (flags & TREE_CACHED) !== 0
          ? 'in the cache'
          : 'not in the cache',
    )
  }
  if ((flags & TREE_DIRTY) !== 0) words.push('newer in memory than on the disk')
  if (look.failing !== null) words.push((flags & TREE_FAILS) !== 0 ? 'does not fit: reads fail' : 'fits')
  if ((flags & TREE_WOULD_FAIL) !== 0 && (flags & TREE_FAILS) === 0) words.push('would not fit after a power cut now')
  const { lastWrite } = look
  if (isData && lastWrite !== null && from < lastWrite.first + lastWrite.count && to > lastWrite.first) {
    words.push('written last')
  }
  return words.join(' · ')
}
