/** A moment as plain JSON, and back: every field of what comes from outside is checked for its type and its bounds. */
import { fail, ok, type Result } from '../base/errno.ts'
import { isDiskModelName } from '../block/disk_model.ts'
import type { FaultKind } from '../block/fault.ts'
import type { Moment } from './moment.ts'
import type { RecordedDisk, RecordedFault, TimedLine } from './recording.ts'

/** As it stands in the JSON. Instants are counted from the line before; an amount without end is null. */
interface Written {
  readonly seed: number
  readonly epoch: number
  /** name, size, model, and the hash of what it held. */
  readonly disks: readonly (readonly [string, number, string, string?])[]
  readonly pulled: readonly string[]
  readonly rules: readonly (readonly [string, string])[]
  readonly faults: readonly (readonly [string, string, number, number, number | null, ...number[]])[]
  readonly boot: string
  /** events, nanoseconds, text. */
  readonly lines: readonly (readonly [number, number, string])[]
  /** step; events and nanoseconds after the last line. */
  readonly at: readonly [number, number, number]
}

const DISKS_MAX = 64
const DISK_BYTES_MAX = 2 ** 40
const LIST_MAX = 65_536
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
const HASH = /^[0-9a-f]{64}$/
const WORD_MAX = 200
const EPOCH_MAX = 2 ** 40
const FAULT_KINDS: readonly string[] = ['rot', 'latent', 'slow', 'hang'] satisfies FaultKind[]

export function writtenOf({ recording, step, delivered, time, images }: Moment): Written {
  const { seed, epochSeconds, disks, head, lines } = recording
  return {
    seed,
    epoch: epochSeconds,
    disks: disks.map(({ name, sizeBytes, model }) => {
      return Object.hasOwn(images, name) ? [name, sizeBytes, model, images[name]] : [name, sizeBytes, model]
    }),
    pulled: head.pulled,
    rules: head.rules,
    faults: head.faults.map(({ id, kind, disk, sector, sectors, amount, healed }) => {
      return [kind, disk, sector, sectors, amount === Infinity ? null : amount, id, ...healed]
    }),
    boot: head.bootScript,
    lines: lines.map(({ at, time, text }, i) => [at - (lines[i - 1]?.at ?? 0), time - (lines[i - 1]?.time ?? 0), text]),
    at: [step, delivered - (lines.at(-1)?.at ?? 0), time - (lines.at(-1)?.time ?? 0)],
  }
}

/** @errors EINVAL, naming the field that is not what it should be. */
export function readWritten(value: unknown): Result<Moment> {
  try {
    return ok(momentFrom(new Fields(value, 'it')))
  } catch (error) {
    if (error instanceof WrongField) return fail('EINVAL', `this is no moment of a machine: ${error.message}`)
    throw error
  }
}

function momentFrom(all: Fields): Moment {
  const images: Record<string, string> = {}
  const disks = all.list('disks', DISKS_MAX).map((disk) => {
    const entry = recordedDisk(disk)
    if (disk.has(3)) images[entry.name] = disk.text(3, WORD_MAX, HASH)
    return entry
  })
  const names = disks.map(({ name }) => name)
  all.need(new Set(names).size === names.length, 'two disks have one name')
  const pulled = all.list('pulled', DISKS_MAX, true).map((name) => name.itself(WORD_MAX))
  const rules = all.list('rules', LIST_MAX).map((rule) => [rule.text(0, WORD_MAX), rule.text(1, WORD_MAX)] as const)
  const faults = all.list('faults', LIST_MAX).map(recordedFault)
  all.need(
    [...pulled, ...faults.map(({ disk }) => disk)].every((name) => names.includes(name)),
    'a disk is not there',
  )
  const head = { bootScript: all.text('boot', Infinity), rules, faults, pulled }
  const lines: TimedLine[] = []
  let at = 0
  let time = 0
  for (const line of all.list('lines', LIST_MAX)) {
    at += line.number(0, 0)
    time += line.number(1, 0)
    lines.push({ at, time, text: line.text(2, Infinity) })
  }
  const end = all.inner('at')
  const delivered = at + end.number(1, 0)
  time += end.number(2, 0)
  all.need(Number.isSafeInteger(delivered) && Number.isSafeInteger(time), 'its instant is beyond all bounds')
  const seed = all.number('seed', 0, 0xffffffff)
  const recording = { seed, epochSeconds: all.number('epoch', 0, EPOCH_MAX), disks, head, lines }
  return { recording, step: end.number(0, 0), delivered, time, images }
}

function recordedDisk(disk: Fields): RecordedDisk {
  const model = disk.text(2, WORD_MAX)
  disk.need(isDiskModelName(model), 'a disk is of an unknown model')
  const sizeBytes = disk.number(1, 512, DISK_BYTES_MAX)
  return { name: disk.text(0, WORD_MAX, NAME), sizeBytes, model: model as RecordedDisk['model'] }
}

function recordedFault(fault: Fields): RecordedFault {
  const kind = fault.text(0, WORD_MAX)
  fault.need(FAULT_KINDS.includes(kind), 'a fault is of an unknown kind')
  const amount = fault.isNull(4) ? Infinity : fault.number(4, 0)
  const [sector, sectors] = [fault.number(2, 0), fault.number(3, 1)]
  const id = fault.has(5) ? fault.number(5, 0) : 0
  const healed: number[] = []
  while (fault.has(6 + healed.length)) healed.push(fault.number(6 + healed.length, 0))
  return { id, kind: kind as FaultKind, disk: fault.text(1, WORD_MAX), sector, sectors, amount, healed }
}

/** What is wrong with a text; never leaves this file. */
class WrongField extends Error {}

/** An object or a list from outside, whose fields are taken only as what they should be. */
class Fields {
  readonly #value: unknown
  readonly #name: string

  constructor(value: unknown, name: string) {
    this.#value = value
    this.#name = name
  }

  need(isRight: boolean, sentence: string): void {
    if (!isRight) throw new WrongField(sentence)
  }

  has(key: string | number): boolean {
    return this.#field(key) !== undefined
  }

  isNull(key: string | number): boolean {
    return this.#field(key) === null
  }

  /** A whole number within bounds. */
  number(key: string | number, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#field(key)
    const isRight = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
    this.need(isRight, `${this.#path(key)} is no number from ${least} to ${most}`)
    return value as number
  }

  text(key: string | number, lengthMax: number, form?: RegExp): string {
    return new Fields(this.#field(key), this.#path(key)).itself(lengthMax, form)
  }

  /** What this stands for, where that is a text. */
  itself(lengthMax: number, form?: RegExp): string {
    const value = this.#value
    const isRight = typeof value === 'string' && value.length <= lengthMax && (form === undefined || form.test(value))
    this.need(isRight, `${this.#name} is not the text it should be`)
    return value as string
  }

  inner(key: string | number): Fields {
    const value = this.#field(key)
    this.need(typeof value === 'object' && value !== null, `${this.#path(key)} is missing`)
    return new Fields(value, this.#path(key))
  }

  /** @param isOfTexts its elements are texts, not lists */
  list(key: string, lengthMax: number, isOfTexts = false): Fields[] {
    const value = this.#field(key)
    this.need(
      Array.isArray(value) && value.length <= lengthMax,
      `${this.#path(key)} is no list of at most ${lengthMax}`,
    )
    return (value as unknown[]).map((element, i) => {
      this.need(isOfTexts || Array.isArray(element), `${this.#path(key)} ${i} is no list`)
      return new Fields(element, `${this.#path(key)} ${i}`)
    })
  }

  #field(key: string | number): unknown {
    const value = this.#value
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return (value as Record<string | number, unknown>)[key]
  }

  #path(key: string | number): string {
    return `${this.#name}.${key}`
  }
}
