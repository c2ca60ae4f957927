/** Copies a link to the moment that is shown, and says what it did. */
import { count, plural } from '../draw/format.ts'
import type { MomentReport } from '../../workers/browser/engine_api.ts'
import { copyStore } from './copy_store.ts'
import { enginePort } from './engine.ts'
import { writeFragment } from './fragment.ts'
import { pageStore } from './page_store.ts'

/** How long the words stay, in milliseconds. */
const SHOWN = 9000
/** Hashing the disks that a recording began on may take so long, in milliseconds. */
const PATIENCE = 15_000
const AGAIN = 100
/** Programs that pass messages on may cut what is longer. */
const LONG = 2000

let timer: ReturnType<typeof setTimeout> | undefined

/** The address of a moment, for anybody. */
export function linkTo(moment: string): string {
  const query = new URLSearchParams(location.search)
  query.delete('embed')
  query.delete('origin')
  const search = query.size > 0 ? `?${query.toString()}` : ''
  return `${location.origin}${location.pathname}${search}${writeFragment(moment, null)}`
}

/** The moment that is shown, waited for where it is only a matter of time. */
export async function presentMoment(): Promise<MomentReport> {
  const end = performance.now() + PATIENCE
  for (;;) {
    const report = await enginePort()?.moment()
    if (report === undefined) throw new Error('there is no machine')
    if (!report.isPending || performance.now() > end) return report
    if (timer === undefined) say('The disks this recording began on are being hashed …', false)
    await new Promise((resolve) => setTimeout(resolve, AGAIN))
  }
}

export async function copyLink(): Promise<void> {
  try {
    const { text, reason, step, images } = await presentMoment()
    if (text === null) {
      say(`There is no link to this moment: ${reason}.`, true)
      return
    }
    const link = linkTo(text)
    if (!(await toClipboard(link))) {
      copyStore.setState({ link })
      pageStore.getState().openDialog('link')
      return
    }
    say(`${copied(step, link)}${asksFor(images)}`, false)
  } catch (error) {
    say(`No link was copied: ${error instanceof Error ? error.message : String(error)}.`, true)
  }
}

export function copied(step: number, link: string): string {
  const length = plural(link.length, 'character')
  const warning = link.length > LONG ? `${length}: some programs cut addresses that long` : length
  return `Link to step ${count(step)} copied, ${warning}. It opens there, as a machine of its own.`
}

/** What has to be given along with a link. */
export function asksFor(images: readonly string[]): string {
  if (images.length === 0) return ''
  const names = images.length > 4 ? plural(images.length, 'disk') : images.join(', ')
  return ` This recording began on disks with bytes, and the link will ask for their images (${names}): Share has them.`
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function say(words: string, isTrouble: boolean): void {
  copyStore.setState({ words, isTrouble })
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = undefined
    copyStore.setState({ words: '' })
  }, SHOWN)
}
