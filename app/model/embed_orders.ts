/** What a page that embeds this one may ask of it. Its messages are untrusted: plain data, bounded, and known in every field. */

/** The version of the messages, in both directions: `{ blockscope: 1, … }`. */
export const EMBED_VERSION = 1

const LINE_MAX = 65_536
const STEPS_MAX = 1_000_000
const SPEED_MIN = 1e-6
const SPEED_MAX = 1000
const SEED_MAX = 0xffffffff
const ID_MAX = 64

export type Order =
  | { readonly type: 'hello' | 'play' | 'pause' | 'live' | 'undo' | 'moment' | 'link' }
  /** A line of the lab language, or several. */
  | { readonly type: 'run'; readonly line: string }
  /** So many disk I/Os; back where it is below zero. */
  | { readonly type: 'step'; readonly count: number }
  | { readonly type: 'seek'; readonly step: number }
  /** Virtual to real time; Infinity for as fast as it goes. */
  | { readonly type: 'speed'; readonly speed: number }
  /** Another moment, as {@link OrderMessage} `link` gives it. */
  | { readonly type: 'open'; readonly moment: string }
  /** A new machine without disks. */
  | { readonly type: 'begin'; readonly seed: number | undefined }

export interface OrderMessage {
  /** Whatever the sender calls it; the answer bears it. */
  readonly id: string | number | undefined
  readonly order: Order
}

export interface WrongMessage {
  readonly id: string | number | undefined
  readonly trouble: string
}

/** @returns null where the message is not meant for this page at all */
export function readOrder(data: unknown): OrderMessage | WrongMessage | null {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return null
  const fields = data as Readonly<Record<string, unknown>>
  if (!Object.hasOwn(fields, 'blockscope')) return null
  const { id } = fields
  const isNamed = typeof id === 'number' || (typeof id === 'string' && id.length <= ID_MAX)
  const named = isNamed ? id : undefined
  if (id !== undefined && !isNamed) {
    return { id: undefined, trouble: `id is to be a number, or a text of at most ${ID_MAX} letters` }
  }
  if (fields.blockscope !== EMBED_VERSION) {
    return { id: named, trouble: `blockscope is to be ${EMBED_VERSION}, the version of the messages` }
  }
  const order = orderOf(fields)
  return typeof order === 'string' ? { id: named, trouble: order } : { id: named, order }
}

/** @returns what is wrong, in words, where something is */
function orderOf({ type, line, count, step, speed, moment, seed }: Readonly<Record<string, unknown>>): Order | string {
  switch (type) {
    case 'hello':
    case 'play':
    case 'pause':
    case 'live':
    case 'undo':
    case 'moment':
    case 'link':
      return { type }
    case 'run':
      if (typeof line === 'string' && line.trim() !== '' && line.length <= LINE_MAX) return { type, line }
      return `line is to be a text of at most ${LINE_MAX} letters`
    case 'step': {
      const number = count ?? 1
      if (isWhole(number, -STEPS_MAX, STEPS_MAX) && number !== 0) return { type, count: number }
      return `count is to be a whole number from -${STEPS_MAX} to ${STEPS_MAX}, and not 0`
    }
    case 'seek':
      return isWhole(step, 0, Number.MAX_SAFE_INTEGER) ? { type, step } : 'step is to be a whole number'
    case 'speed':
      if (speed === 'max') return { type, speed: Infinity }
      if (typeof speed === 'number' && speed >= SPEED_MIN && speed <= SPEED_MAX) return { type, speed }
      return `speed is to be a number from ${SPEED_MIN} to ${SPEED_MAX}, or 'max'`
    case 'open':
      return typeof moment === 'string' ? { type, moment } : 'moment is to be the text that a link has behind its #'
    case 'begin':
      if (seed === undefined) return { type, seed }
      return isWhole(seed, 0, SEED_MAX) ? { type, seed } : `seed is to be a whole number up to ${SEED_MAX}`
    default:
      return 'type is none that is known'
  }
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
}
