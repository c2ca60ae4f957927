/** What is known of single pages of the members, where they are looked at closely: only of a window, and only when it is asked for. */
import { INFLIGHT_COLUMNS, type ArrayFrame, type Frame } from '../../engine/api/frame.ts'
import { READ } from '../../engine/api/vocabulary.ts'
import { BEING_READ, BEING_WRITTEN, NO_ACTIVITY } from './chunk_field.ts'
import { PLAN_WORDS } from './stripe_notes.ts'

const PAGE = 8

export interface PageMark {
  /** Which of its sectors are only in the cache: bit 0 is the first. */
  volatileMask: number
  activity: number
  /** What the stripe cache does with it, in a word; empty where it is not in it. */
  plan: string
  /** The wound it has: unreadable, rotten; or empty. */
  wound: string
}

/** By slot, and by number of the page from the start of the data. */
export type PageMarks = readonly ReadonlyMap<number, PageMark>[]

/**
 * The pages of a window of which there is something to be said.
 * @param from sector from the start of the members' data, as is `to`, which is excluded
 */
export function pagesBetween(frame: Frame, array: ArrayFrame, slots: number, from: number, to: number): PageMarks {
  const first = Math.floor(from / PAGE)
  const end = Math.ceil(to / PAGE)
  const marks = Array.from({ length: slots }, () => new Map<number, PageMark>())
  const markOf = (slot: number, page: number): PageMark => {
    let mark = marks[slot].get(page)
    if (!mark) marks[slot].set(page, (mark = { volatileMask: 0, activity: NO_ACTIVITY, plan: '', wound: '' }))
    return mark
  }
  for (const { slot, name, dataOffset } of array.members) {
    const disk = frame.disks.find((one) => one.name === name)
    if (!disk || slot < 0 || slot >= slots) continue
    const { cacheSectors, cacheMasks, inflight } = disk
    for (let i = 0; i < cacheSectors.length; i++) {
      const page = (cacheSectors[i] - dataOffset) / PAGE
      if (page >= first && page < end) markOf(slot, page).volatileMask = cacheMasks[i]
    }
    for (let at = 0; at < inflight.length; at += INFLIGHT_COLUMNS) {
      const activity = (inflight[at + 2] & 7) === READ ? BEING_READ : BEING_WRITTEN
      eachPage(inflight[at + 3] - dataOffset, inflight[at + 4], first, end, (page) => {
        const mark = markOf(slot, page)
        mark.activity = Math.max(mark.activity, activity)
      })
    }
    for (const { kind, disk: wounded, sector, sectors } of frame.faults) {
      if (wounded !== name || sectors === 0) continue
      eachPage(sector - dataOffset, sectors, first, end, (page) => {
        markOf(slot, page).wound = kind === 'rot' ? 'rotten' : 'unreadable'
      })
    }
  }
  for (const { sector, plan, members } of array.stripes) {
    const page = sector / PAGE
    if (page < first || page >= end) continue
    members.forEach((flags, slot) => {
      if (slot < slots && flags !== 0) markOf(slot, page).plan = PLAN_WORDS[plan]
    })
  }
  return marks
}

function eachPage(sector: number, sectors: number, first: number, end: number, act: (page: number) => void): void {
  if (sectors === 0) return
  const last = Math.min(end - 1, Math.floor((sector + sectors - 1) / PAGE))
  for (let page = Math.max(first, Math.floor(sector / PAGE)); page <= last; page++) act(page)
}

/** The most pressing thing that can be said of a page. */
export function pageWords(mark: PageMark | undefined): string {
  if (!mark) return ''
  if (mark.wound) return `× ${mark.wound}`
  if (mark.activity !== NO_ACTIVITY) {
    const verb = mark.activity === BEING_WRITTEN ? 'write' : 'read'
    return mark.plan === '' ? verb : `${verb} · ${mark.plan}`
  }
  if (mark.volatileMask !== 0) return 'N only in cache'
  return mark.plan
}
