/** A moment by itself: the recording up to it, and where in it. What a link carries; it makes the same machine anywhere. */
import type { Arena } from '../base/arena.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import type { Media } from '../block/media.ts'
import { hashMedia } from './hash.ts'
import { placeOf } from './history_seek.ts'
import type { Machine } from './machine.ts'
import type { Recording } from './recording.ts'
import { machineAtBeginning } from './replay.ts'
import { Session, type SessionOptions } from './session.ts'

export interface Moment {
  /** Seed, disks and head of the recording, and the lines that were typed before this moment. */
  readonly recording: Recording
  /** Completed disk I/Os. */
  readonly step: number
  /** Events delivered, all lines typed. */
  readonly delivered: number
  /** What the clock shows, in nanoseconds. */
  readonly time: number
  /** SHA-256 of what a disk held when the recording began, by its name; a disk that is not here was blank. */
  readonly images: Readonly<Record<string, string>>
}

/** The moment at which a machine stands. @param images as in {@link Moment} */
export function momentOf(machine: Machine, images: Moment['images'] = {}): Moment {
  const { steps, delivered, time } = placeOf(machine)
  const { seed, epochSeconds, disks, head, lines } = machine.recording
  const recording = { seed, epochSeconds, disks: disks.slice(), head, lines: lines.slice() }
  return { recording, step: steps, delivered, time, images }
}

export interface MomentOptions extends SessionOptions {
  /** The memory of the machine that becomes the live one. */
  readonly live: Arena
  /** What disks held when the recording began, where the moment names them. */
  readonly images?: ReadonlyMap<string, Media>
}

/** The disks that a moment asks for: they were not blank when its recording began. */
export function missingImages(moment: Moment, images: ReadonlyMap<string, Media> = new Map()): string[] {
  return Object.keys(moment.images).filter((name) => !images.has(name))
}

/**
 * A session at a moment: it carries out the recording up to there in bounded batches, as `run` is called, and is then live. Its
 * disks are in memory.
 * @errors ENODATA where images are missing, EINVAL where one is another than the moment names
 */
export function openMoment(moment: Moment, options: MomentOptions): Result<Session> {
  const { recording, images } = moment
  const missing = missingImages(moment, options.images)
  if (missing.length > 0) {
    return fail('ENODATA', `this began on disks that are not here: the images of ${missing.join(', ')} are needed`)
  }
  for (const [name, hash] of Object.entries(images)) {
    const media = options.images?.get(name)
    const size = recording.disks.find((disk) => disk.name === name)?.sizeBytes
    if (media === undefined || media.sizeBytes !== size || hashMedia(media) !== hash) {
      return fail('EINVAL', `the image of ${name} is another one than this began on`)
    }
  }
  const copies = new Map([...(options.images ?? [])].map(([name, media]) => [name, media.snapshot()]))
  const machine = machineAtBeginning(recording, { arena: options.live, images: copies })
  const end = {
    kind: 'instant',
    lines: recording.lines.length,
    delivered: moment.delivered,
    time: moment.time,
  } as const
  return ok(Session.opening(machine, recording.lines, end, options))
}
