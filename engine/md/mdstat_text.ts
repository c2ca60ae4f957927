/** A member on the first line of an array. */
export interface MdstatMember {
  /** The kernel's name of the device, without /dev. */
  readonly name: string
  readonly number: number
  readonly faulty?: boolean
  /** Has no slot. */
  readonly spare?: boolean
  readonly writeMostly?: boolean
  readonly journal?: boolean
  readonly replacement?: boolean
}

/** A resync, recovery or check that moves. */
export interface MdstatProgress {
  readonly action: 'resync' | 'recovery' | 'check'
  /** Sectors of a member (of the array for raid10) that are done, and in all. */
  readonly doneSectors: number
  readonly totalSectors: number
  /** Since the mark that the speed is measured from: whole seconds, and sectors finished. */
  readonly markSeconds: number
  readonly markSectors: number
}

/** An array in /proc/mdstat. */
export interface MdstatArray {
  readonly name: string
  readonly access?: 'read-only' | 'auto-read-only'
  /** undefined: the array does not run. */
  readonly running:
    | {
        readonly level: number
        readonly layout: number
        readonly chunkKib: number
        /** For each slot, whether a member in sync stands in it. */
        readonly inSync: readonly boolean[]
      }
    | undefined
  /** In the kernel's order: the last added first. */
  readonly members: readonly MdstatMember[]
  /** Size of the array; of all members together if it does not run. */
  readonly kib: number
  readonly metadata: string
  readonly sync: MdstatProgress | 'pending' | 'delayed' | undefined
  /** Pages of counters that exist, of so many that could. */
  readonly bitmap: { readonly pages: number; readonly pagesMax: number; readonly chunkBytes: number } | undefined
}

/**
 * The text of /proc/mdstat.
 * @param personalities names in the order in which they were registered
 * @param arrays in the kernel's order: the last made first
 * @source md_seq_show, drivers/md/md.c, 6.1
 */
export function mdstatText(personalities: readonly string[], arrays: readonly MdstatArray[]): string {
  const known = personalities.map((name) => `[${name}] `).join('')
  return `Personalities : ${known}\n${arrays.map(arrayText).join('')}unused devices: <none>\n`
}

function arrayText(array: MdstatArray): string {
  const { running, access } = array
  const head = running ? `active${access ? ` (${access})` : ''} raid${running.level}` : 'inactive'
  const members = array.members.map((member) => ` ${memberText(member)}`).join('')
  const size = array.members.length > 0 ? `\n      ${array.kib} blocks` : ''
  const status = running ? runningText(running, array.sync) : '\n       '
  return `${array.name} : ${head}${members}${size} super ${array.metadata}${status}${bitmapText(array.bitmap)}\n`
}

function memberText(member: MdstatMember): string {
  const writeMostly = `${member.writeMostly === true ? '(W)' : ''}${member.journal === true ? '(J)' : ''}`
  const rest = `${member.spare === true ? '(S)' : ''}${member.replacement === true ? '(R)' : ''}`
  return `${member.name}[${member.number}]${writeMostly}${member.faulty === true ? '(F)' : rest}`
}

function runningText(running: NonNullable<MdstatArray['running']>, sync: MdstatArray['sync']): string {
  const { inSync } = running
  const letters = inSync.map((good) => (good ? 'U' : '_')).join('')
  const slots = running.level === 0 ? '' : ` [${inSync.length}/${inSync.filter(Boolean).length}] [${letters}]`
  const syncText = sync === undefined ? '' : `${syncLine(sync)}\n      `
  return `${shapeText(running)}${slots}\n      ${syncText}`
}

/** What the personality says of its shape. */
function shapeText({ level, layout, chunkKib, inSync }: NonNullable<MdstatArray['running']>): string {
  if (level === 0) return ` ${chunkKib}k chunks`
  if (level === 1) return ''
  if (level !== 10) return ` level ${level}, ${chunkKib}k chunk, algorithm ${layout}`
  const near = layout & 255
  const far = (layout >> 8) & 255
  const nearText = near > 1 ? ` ${near} near-copies` : ''
  const farText = far > 1 ? ` ${far} ${(layout & 0x10000) !== 0 ? 'offset' : 'far'}-copies` : ''
  const chunkText = near < inSync.length ? ` ${chunkKib}K chunks` : ''
  return `${chunkText}${nearText}${farText}`
}

function syncLine(sync: MdstatProgress | 'pending' | 'delayed'): string {
  if (typeof sync === 'string') return `\tresync=${sync.toUpperCase()}`
  const perMille = progressPerMille(sync)
  const arrow = Math.floor(perMille / 50)
  const bar = `${'='.repeat(arrow)}>${'.'.repeat(20 - arrow)}`
  const percent = `${String(Math.floor(perMille / 10)).padStart(3)}.${perMille % 10}%`
  const done = `(${Math.floor(sync.doneSectors / 2)}/${Math.floor(sync.totalSectors / 2)})`
  const { finishSeconds, kibPerSecond } = progressSpeed(sync)
  const minutes = `${Math.floor(finishSeconds / 60)}.${Math.floor((finishSeconds % 60) / 6)}`
  return `[${bar}]  ${sync.action} =${percent} ${done} finish=${minutes}min speed=${kibPerSecond}K/sec`
}

/**
 * Thousandths done, as Linux computes them: in whole pieces of 512 KiB, of one piece more than there are. A short sync
 * therefore never shows 100 per cent.
 * @source status_resync, drivers/md/md.c, 6.1
 */
export function progressPerMille({ doneSectors, totalSectors }: MdstatProgress): number {
  return Math.floor((Math.floor(doneSectors / 1024) * 1000) / (Math.floor(totalSectors / 1024) + 1))
}

/**
 * Speed since the mark, and the time the rest will take at that speed, with the roundings of Linux.
 * @source status_resync, drivers/md/md.c, 6.1
 */
export function progressSpeed(sync: MdstatProgress): { finishSeconds: number; kibPerSecond: number } {
  const seconds = Math.max(1, sync.markSeconds)
  const left = sync.totalSectors - sync.doneSectors
  const steps = Math.floor(left / (Math.floor(sync.markSectors / 32) + 1))
  return {
    finishSeconds: Math.floor((steps * seconds) / 32),
    kibPerSecond: Math.floor(Math.floor(sync.markSectors / 2) / seconds),
  }
}

/** @source md_bitmap_status, drivers/md/md-bitmap.c, 6.1 */
function bitmapText(bitmap: MdstatArray['bitmap']): string {
  if (!bitmap) return ''
  const { pages, pagesMax, chunkBytes } = bitmap
  const chunk = chunkBytes < 1024 ? `${chunkBytes}B` : `${Math.floor(chunkBytes / 1024)}KB`
  return `bitmap: ${pages}/${pagesMax} pages [${pages * 4}KB], ${chunk} chunk\n`
}
