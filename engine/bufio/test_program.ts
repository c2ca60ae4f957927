/**
 * Small programs for a buffer cache, as text: instructions between semicolons, each a word and numbers. A number may count with a loop:
 * `loop i 64; new 100+i; stamp 100+i i; dirty 100+i; put 100+i; end`.
 */
import { fail, ok, type Result } from '../base/errno.ts'

/** The instructions, and how many numbers each takes at least and at most. */
export const INSTRUCTIONS = {
  new: [1, 1],
  read: [1, 1],
  get: [1, 1],
  put: [1, 1],
  stamp: [2, 4],
  verify: [2, 4],
  dirty: [1, 3],
  async: [0, 0],
  sync: [0, 0],
  flush: [0, 0],
  prefetch: [1, 2],
  forget: [1, 2],
  move: [2, 2],
  discard: [1, 2],
  sleep: [1, 1],
} as const satisfies Record<string, readonly [number, number]>
export type InstructionName = keyof typeof INSTRUCTIONS

/** What each means, for a refusal. */
export const INSTRUCTION_HELP =
  'new BLOCK, read BLOCK, get BLOCK, put BLOCK, stamp BLOCK SEED [FROM TO], verify BLOCK SEED [FROM TO], dirty BLOCK [FROM TO], async, sync, flush, ' +
  'prefetch BLOCK [COUNT], forget BLOCK [COUNT], move BLOCK TO, discard BLOCK [COUNT], sleep MILLISECONDS, loop NAME TIMES; …; end'

/** A number, and the loop whose turn is added to it. */
export interface Operand {
  readonly base: number
  readonly loop: string | null
}

export type Instruction =
  | { readonly op: InstructionName; readonly operands: readonly Operand[]; readonly text: string }
  | { readonly op: 'loop'; readonly loop: string; readonly times: number; readonly after: number }
  | { readonly op: 'end'; readonly loop: string; readonly times: number; readonly begin: number }

/** @errors EINVAL, with what would be right */
export function readProgram(words: readonly string[]): Result<readonly Instruction[]> {
  const texts = words
    .join(' ')
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const program: Instruction[] = []
  const open: { loop: string; times: number; begin: number }[] = []
  for (const text of texts) {
    const [op, ...rest] = text.split(/\s+/)
    if (op === 'loop') {
      const times = readWhole(rest[1])
      if (rest.length !== 2 || !/^[a-z]$/.test(rest[0]) || times === null || times < 1) {
        return fail('EINVAL', `a loop is loop NAME TIMES, NAME one letter; not ${text}`)
      }
      if (open.some(({ loop }) => loop === rest[0])) return fail('EINVAL', `there is a loop ${rest[0]} around this one`)
      open.push({ loop: rest[0], times, begin: program.length })
      program.push({ op: 'loop', loop: rest[0], times, after: 0 })
    } else if (op === 'end') {
      const closed = open.pop()
      if (closed === undefined || rest.length > 0) return fail('EINVAL', 'an end without a loop')
      program.push({ op: 'end', ...closed })
    } else {
      const instruction = readInstruction(
        op,
        rest,
        text,
        open.map(({ loop }) => loop),
      )
      if (!instruction.ok) return instruction
      program.push(instruction.value)
    }
  }
  if (open.length > 0) return fail('EINVAL', `loop ${open[0].loop} has no end`)
  return ok(program)
}

function readInstruction(
  op: string,
  rest: readonly string[],
  text: string,
  loops: readonly string[],
): Result<Instruction> {
  if (!isInstruction(op)) return fail('EINVAL', `no instruction ${op}; there are ${INSTRUCTION_HELP}`)
  const [least, most] = INSTRUCTIONS[op]
  const isPair = rest.length !== 3 || op !== 'stamp'
  if (rest.length < least || rest.length > most || !isPair || (op === 'dirty' && rest.length === 2)) {
    return fail('EINVAL', `${text}: there are ${INSTRUCTION_HELP}`)
  }
  const operands: Operand[] = []
  for (const word of rest) {
    const [match, base, loop] = /^(?:(\d+)\+?)?([a-z])?$/.exec(word) ?? []
    if (match === undefined || match === '' || (base !== undefined && word.includes('+') !== (loop !== undefined))) {
      return fail('EINVAL', `${text}: ${word} is no number; one is 7, i or 7+i`)
    }
    if (loop !== undefined && !loops.includes(loop))
      return fail('EINVAL', `${text}: there is no loop ${loop} around it`)
    operands.push({ base: Number(base ?? 0), loop: loop ?? null })
  }
  return ok({ op, operands, text })
}

function isInstruction(op: string): op is InstructionName {
  return Object.hasOwn(INSTRUCTIONS, op)
}

function readWhole(word: string | undefined): number | null {
  return word !== undefined && /^\d+$/.test(word) ? Number(word) : null
}

/** The byte that a stamp puts at a place of a block. */
export function stampByte(seed: number, at: number): number {
  const mixed = Math.imul(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 15)) & 255
}
