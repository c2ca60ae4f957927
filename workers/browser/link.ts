/** A link: the text of a moment, opened on disks in memory. It comes from anywhere, so it is bounded before anything of it is run. */
import type { Arena } from '../../engine/base/arena.ts'
import { fail, type Result } from '../../engine/base/errno.ts'
import { Media } from '../../engine/block/media.ts'
import { missingImages, openMoment, type Moment } from '../../engine/lab/moment.ts'
import { readMoment } from '../../engine/lab/moment_text.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { GivenImage, LinkReport, NeededImage } from './engine_api.ts'

/** More events than this are not run again: it would take the better part of an hour. */
export const LINK_EVENTS_MAX = 1_000_000_000

/** What an address without a moment means. */
const NAME_ONLY =
  'this address only names a machine that ran in another browser, or on an earlier visit: more was typed there than an address can hold'

const COPY_BYTES = 1 << 20

/** A link that was opened, or what is to be said instead. */
export type OpenedLink =
  | { readonly session: Session; readonly moment: Moment; readonly report: LinkReport }
  | { readonly session: null; readonly report: LinkReport }

/** Memories for the machine that becomes the live one, and for its past. */
export interface LinkMemories {
  live(): Arena
  spare(): Arena
}

/**
 * Reads the text of a moment and begins to carry out its recording; the session's batches do the rest.
 * @param images what disks held when the recording began, where it names them
 */
export function openLink(text: string | undefined, images: readonly GivenImage[], memories: LinkMemories): OpenedLink {
  if (text === undefined) return refused(NAME_ONLY)
  const read = bounded(readMoment(text))
  if (!read.ok) return refused(read.message)
  const moment = read.value
  const needed = neededImages(moment)
  const given = new Map<string, Media>()
  for (const { name, bytes } of images) {
    const size = needed.find((image) => image.name === name)?.sizeBytes
    if (size === bytes.length) given.set(name, mediaOf(bytes))
  }
  if (missingImages(moment, given).length > 0) return { session: null, report: { state: 'images', images: needed } }
  const opened = openMoment(moment, { live: memories.live(), arena: () => memories.spare(), images: given })
  if (!opened.ok) return refused(opened.message)
  const { step, delivered, recording } = moment
  return {
    session: opened.value,
    moment,
    report: { state: 'opening', step, events: delivered, lines: recording.lines.length },
  }
}

function refused(message: string): OpenedLink {
  return { session: null, report: { state: 'refused', message } }
}

function bounded(read: Result<Moment>): Result<Moment> {
  if (!read.ok || read.value.delivered <= LINK_EVENTS_MAX) return read
  const [asked, most] = [read.value.delivered, LINK_EVENTS_MAX].map((count) => count.toLocaleString('en'))
  return fail('EFBIG', `to be there, ${asked} events would have to be run again; at most ${most} are`)
}

function neededImages({ recording, images }: Moment): NeededImage[] {
  return recording.disks.flatMap(({ name, sizeBytes }) => {
    return Object.hasOwn(images, name) ? [{ name, sizeBytes, sha256: images[name] }] : []
  })
}

function mediaOf(bytes: Uint8Array): Media {
  const media = new Media(bytes.length)
  for (let at = 0; at < bytes.length; at += COPY_BYTES) {
    const length = Math.min(COPY_BYTES, bytes.length - at)
    // What is zero takes no room.
    if (bytes.subarray(at, at + length).some((byte) => byte !== 0)) media.write(at, bytes, at, length)
  }
  return media
}
