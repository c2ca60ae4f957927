/** Which sectors a console line speaks of: what `dd` reads and writes, and stretches like `2064+8` behind the name of a device. */

export interface LinePlace {
  /** Below /dev. */
  readonly device: string
  readonly sector: number
  readonly sectors: number
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 512, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function amount(word: string | undefined, otherwise: number): number {
  const found = /^(\d+)([bkmg]?)(ib)?$/i.exec(word ?? '')
  return found ? Number(found[1]) * UNITS[found[2].toLowerCase()] : otherwise
}

export function placesOf(line: string): readonly LinePlace[] {
  const words = line.trim().split(/\s+/)
  if (words[0] === 'dd') return ddPlaces(words)
  return words.flatMap((word, i) => {
    const stretch = /^(\d+)\+(\d+)$/.exec(word)
    const device = words[i - 1]?.replace(/^\/dev\//, '')
    return stretch && device ? [{ device, sector: Number(stretch[1]), sectors: Number(stretch[2]) }] : []
  })
}

function ddPlaces(words: readonly string[]): readonly LinePlace[] {
  const operands = new Map(
    words.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]),
  )
  const block = amount(operands.get('bs'), 512)
  const count = amount(operands.get('count'), Infinity) * block
  const place = (file: string, from: string): LinePlace[] => {
    const path = operands.get(file)
    if (path === undefined || !path.startsWith('/dev/')) return []
    const first = amount(operands.get(from), 0) * block
    const sector = Math.floor(first / 512)
    return [{ device: path.slice(5), sector, sectors: Math.ceil((first + count) / 512) - sector }]
  }
  return [...place('if', 'skip'), ...place('of', 'seek')]
}

/** Whether a place has sectors in common with a stretch. */
export function overlaps(place: LinePlace, sector: number, sectors: number): boolean {
  return place.sector < sector + sectors && sector < place.sector + place.sectors
}
