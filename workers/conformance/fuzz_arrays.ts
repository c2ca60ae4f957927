/** Random native arrays: their levels, layouts, members, and the words that make them. */
import type { Dice } from './fuzz_dice.ts'

const PARITY_LAYOUTS: Readonly<Record<number, readonly string[]>> = {
  5: ['ls', 'la', 'rs', 'ra', 'left-symmetric', 'parity-first', 'parity-last'],
  6: [
    'ls',
    'la',
    'rs',
    'ra',
    'ddf-zero-restart',
    'ddf-N-restart',
    'ddf-N-continue',
    'left-symmetric-6',
    'parity-first-6',
  ],
}

/** A new array, in the words of `mdadm --create`. */
export interface NewArray {
  readonly level: number
  readonly metadata: string
  readonly words: readonly string[]
  readonly members: string[]
  readonly spares: string[]
  readonly dataSectors: number
  readonly hasBitmap: boolean
  readonly missing: number
}

/** A random array that mdadm makes. */
export function newArray(dice: Dice): NewArray {
  const level = dice.pick([0, 1, 4, 5, 5, 6, 6, 10, 10])
  const count = dice.between(...memberCounts(level))
  const metadata = dice.weighted([
    [8, '1.2'],
    [1, '1.1'],
    [1, '1.0'],
  ])
  const words = [`--metadata=${metadata}`, `--level=${level}`, `--raid-devices=${count}`]
  if (level !== 1) words.push(`--chunk=${dice.pick([4, 16, 64, 64, 128])}`)
  if ((level === 5 || level === 6) && dice.percent(60)) words.push(`--layout=${dice.pick(PARITY_LAYOUTS[level]!)}`)
  const copies = level === 10 ? (count > 2 && dice.percent(25) ? 3 : 2) : 1
  if (level === 10 && (copies > 2 || dice.percent(70))) words.push(`--layout=${dice.pick(['n', 'f', 'o'])}${copies}`)
  const hasBitmap = level !== 0 && dice.percent(65)
  if (level !== 0) words.push(hasBitmap ? '--bitmap=internal' : '--bitmap=none')
  if (hasBitmap && dice.percent(75)) words.push(`--bitmap-chunk=${dice.pick(['4K', '16K', '64K', '256K', '1M'])}`)
  const letters = [...'abcdefg']
  const members = letters.slice(0, count).map((letter) => `/dev/${letter}`)
  const losses = level === 6 ? 2 : level === 0 ? 0 : 1
  const missing = losses > 0 && dice.percent(15) ? dice.between(1, losses) : 0
  for (const place of dice.some([...members.keys()], missing)) members[place] = 'missing'
  if (level !== 0 && missing === 0 && dice.percent(35)) words.push('--assume-clean')
  else if (level !== 0 && level !== 1 && level !== 10 && dice.percent(40)) words.push('--force')
  const spares = level !== 0 && count < 6 && dice.percent(12) ? [`/dev/${letters[count]!}`] : []
  if (spares.length > 0) words.push(`--spare-devices=${spares.length}`)
  const data = level === 0 ? count : level === 1 ? 1 : level === 10 ? count / copies : count - (level === 6 ? 2 : 1)
  const dataSectors = Math.floor(data * 2000)
  return { level, metadata, words, members, spares, dataSectors, hasBitmap, missing }
}

function memberCounts(level: number): [number, number] {
  if (level === 0) return [1, 4]
  if (level === 1) return [2, 4]
  if (level === 6) return [4, 6]
  return level === 10 ? [2, 6] : [3, 5]
}
