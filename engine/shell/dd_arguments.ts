/** The operands of dd, as coreutils 9.1 reads them. */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'

export interface DdArguments {
  readonly input: string | null
  readonly output: string | null
  readonly inputBlock: number
  readonly outputBlock: number
  /** Without bs=, what is read is gathered into whole output blocks. */
  readonly gather: boolean
  /** How many bytes to skip and seek. */
  readonly skip: number
  readonly seek: number
  /** Whole records to read, and bytes after them; Infinity and 0 for all. */
  readonly records: number
  readonly bytes: number
  readonly conversions: ReadonlySet<Conversion>
  readonly inputFlags: ReadonlySet<InputFlag>
  readonly outputFlags: ReadonlySet<OutputFlag>
  readonly status: 'none' | 'noxfer' | 'progress' | 'default'
}

const CONVERSIONS = ['fsync', 'fdatasync', 'notrunc', 'noerror', 'sync', 'nocreat', 'excl'] as const
const INPUT_FLAGS = ['direct', 'fullblock', 'skip_bytes', 'count_bytes', 'nocache', 'nonblock'] as const
const OUTPUT_FLAGS = ['direct', 'dsync', 'sync', 'seek_bytes', 'nocache', 'nonblock'] as const
const STATUSES = ['none', 'noxfer', 'progress'] as const

export type Conversion = (typeof CONVERSIONS)[number]
export type InputFlag = (typeof INPUT_FLAGS)[number]
export type OutputFlag = (typeof OUTPUT_FLAGS)[number]

const OPERANDS = 'if= of= bs= ibs= obs= count= skip= seek= conv= iflag= oflag= status='

const DEFAULT_BLOCK = 512

/** @errors EINVAL with what would be right. */
export function parseDdArguments(words: readonly string[]): Result<DdArguments> {
  const texts = new Map<string, string>()
  const numbers = new Map<string, DdNumber>()
  const conversions = new Set<Conversion>()
  const inputFlags = new Set<InputFlag>()
  const outputFlags = new Set<OutputFlag>()
  let status: DdArguments['status'] = 'default'
  for (const word of words) {
    if (word === '--') continue
    const equals = word.indexOf('=')
    const name = ALIASES[word.slice(0, equals)] ?? word.slice(0, equals)
    const value = word.slice(equals + 1)
    let failure: Failure | null = null
    if (equals < 0 || !OPERANDS.split(' ').includes(`${name}=`)) {
      return fail('EINVAL', `unrecognized operand '${word}'; there are ${OPERANDS}`)
    }
    switch (name) {
      case 'if':
      case 'of':
        texts.set(name, value)
        break
      case 'conv':
        failure = addAll(conversions, CONVERSIONS, value, 'conversion')
        break
      case 'iflag':
        failure = addAll(inputFlags, INPUT_FLAGS, value, 'input flag')
        break
      case 'oflag':
        failure = addAll(outputFlags, OUTPUT_FLAGS, value, 'output flag')
        break
      case 'status': {
        const found = STATUSES.find((candidate) => candidate === value)
        if (found === undefined)
          return fail('EINVAL', `invalid status level: '${value}'; there are ${STATUSES.join(', ')}`)
        status = found
        break
      }
      default: {
        const number = parseDdNumber(value)
        if (!number.ok) return number
        if (name.endsWith('bs') && number.value.value === 0) return fail('EINVAL', `invalid number: '${value}'`)
        numbers.set(name, number.value)
      }
    }
    if (failure !== null) return failure
  }
  const block = numbers.get('bs')?.value
  const inputBlock = block ?? numbers.get('ibs')?.value ?? DEFAULT_BLOCK
  const outputBlock = block ?? numbers.get('obs')?.value ?? DEFAULT_BLOCK
  const skip = inBytes(numbers.get('skip'), inputBlock, inputFlags.has('skip_bytes'))
  const seek = inBytes(numbers.get('seek'), outputBlock, outputFlags.has('seek_bytes'))
  if (!Number.isSafeInteger(skip) || !Number.isSafeInteger(seek)) {
    return fail('EINVAL', 'offset too large: no file here is that long')
  }
  const count = numbers.get('count')
  const byBytes = count !== undefined && (count.bytes || inputFlags.has('count_bytes'))
  return ok({
    input: texts.get('if') ?? null,
    output: texts.get('of') ?? null,
    inputBlock,
    outputBlock,
    gather: block === undefined,
    skip,
    seek,
    records: count === undefined ? Infinity : byBytes ? Math.floor(count.value / inputBlock) : count.value,
    bytes: byBytes ? count.value % inputBlock : 0,
    conversions,
    inputFlags,
    outputFlags,
    status,
  })
}

const ALIASES: Readonly<Record<string, string>> = { iseek: 'skip', oseek: 'seek' }

function addAll<T extends string>(to: Set<T>, known: readonly T[], value: string, what: string): Failure | null {
  for (const part of value.split(',')) {
    const found = known.find((candidate) => candidate === part)
    if (found === undefined) return fail('EINVAL', `invalid ${what}: '${part}'; there are ${known.join(', ')}`)
    to.add(found)
  }
  return null
}

/** A number of dd; with a B in it, it counts bytes instead of blocks. */
export interface DdNumber {
  readonly value: number
  readonly bytes: boolean
}

function inBytes(number: DdNumber | undefined, block: number, byBytes: boolean): number {
  if (number === undefined) return 0
  return byBytes || number.bytes ? number.value : number.value * block
}

const PREFIXES = 'KMGTPEZY'

/** @param text decimal digits with c w b B K KB KiB and so on behind, several such joined by x to be multiplied. */
export function parseDdNumber(text: string): Result<DdNumber> {
  let value = 1
  for (const factor of text.split('x')) {
    const match = /^(\d+)(?:([cwb])|([kKMGTPEZY])(iB|B)?)?(B?)$/.exec(factor)
    if (match === null) return fail('EINVAL', `invalid number: '${text}'; 4096, 4K, 1M, 4x64K are numbers`)
    const [, digits, small, prefix, kind] = match
    let unit = small === 'w' ? 2 : small === 'b' ? 512 : 1
    if (prefix !== undefined) unit = (kind === 'B' ? 1000 : 1024) ** (PREFIXES.indexOf(prefix.toUpperCase()) + 1)
    value *= Number(digits) * unit
  }
  if (!Number.isSafeInteger(value)) return fail('EINVAL', `invalid number: '${text}' is too large`)
  return ok({ value, bytes: text.includes('B') })
}
