/** What a machine does, as it is held against what another one does: a key that is the same for the same, and words. */
import { OP_NAMES } from '../block/bio.ts'
import { SYNC_ACTIONS } from '../md/sync.ts'
import { tracedArrayName } from '../md/trace_name.ts'
import type { CommandResult } from '../shell/shell.ts'
import { powerText } from '../block/power_switch.ts'
import { TRACE } from '../sim/trace.ts'
import type { MemberPlaces } from './member_places.ts'
import type { Machine } from './machine.ts'

const MEMBER_WORDS = ['in sync', 'being rebuilt', 'failed']
const ENDS = ['is done', 'is interrupted']

/** Of a completed read or write: the disk, what, and where. @param at offset of its row */
export function ioKey(rows: Float64Array, at: number): string {
  return `${rows[at + 3]} ${rows[at + 5] & 7} ${rows[at + 6]} ${rows[at + 7]}`
}

export function ioText(rows: Float64Array, at: number, machine: Machine, places: MemberPlaces): string {
  const disk = rows[at + 3]
  const op = rows[at + 5] & 7
  const sector = rows[at + 6]
  const sectors = rows[at + 7]
  const names = machine.disks()
  const name = disk < names.length ? names[disk].name : `disk ${disk}`
  const what = places.wordsAt(disk, sector)
  const extent = `${sectors} ${sectors === 1 ? 'sector' : 'sectors'} at ${sector}`
  return `${name}: ${OP_NAMES[op]} ${what === null ? '' : `${what}, `}${extent}`
}

/** @returns null where a row tells of no change of state */
export function stateOf(rows: Float64Array, at: number): { readonly key: string; readonly text: string } | null {
  const [, kind, a, b, c, d] = rows.subarray(at, at + 8)
  const said = (text: string, key = text): { key: string; text: string } => ({ key, text })
  switch (kind) {
    case TRACE.array_state:
      return said(`${tracedArrayName(a)} is ${c === 1 ? 'clean' : 'dirty'}`)
    case TRACE.member_state:
      return said(`${tracedArrayName(a)}: the member in slot ${b} is ${MEMBER_WORDS[d] ?? 'a spare'}`)
    case TRACE.sync_begin:
      return said(`${tracedArrayName(a)}: ${SYNC_ACTIONS[b]} begins`)
    case TRACE.sync_end:
      return said(`${tracedArrayName(a)}: ${SYNC_ACTIONS[b]} ${ENDS[d]}`)
    case TRACE.mismatch:
      return said(`${tracedArrayName(a)}: data and parity do not match at sector ${b}`)
    case TRACE.dm_state:
      return said(`device ${a} changes its state`, `dm ${a} ${b} ${c}`)
    case TRACE.power:
      return said(powerText(a, b, c))
  }
  return null
}

/** What a command said; how long it took, which dd reports, is no part of it. */
export function answerOf({ argv0, status, stdout, stderr }: CommandResult): string {
  return JSON.stringify([status, stdout, argv0 === 'dd' && status === 0 ? '' : stderr])
}

export function answerText({ status, stdout, stderr }: CommandResult): string {
  const text = (stdout + stderr).trimEnd()
  if (status === 0) return text
  return text === '' ? `status ${status}` : `status ${status}: ${text}`
}
