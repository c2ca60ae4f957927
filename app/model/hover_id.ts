/** What can lie under the pointer or the focus, wherever it is drawn. As an attribute of the page it is written as one string, its key. */
export type HoverId =
  | { readonly kind: 'chunk'; readonly array: string; readonly stripe: number; readonly slot: number }
  | { readonly kind: 'stripe'; readonly array: string; readonly stripe: number }
  /** One bit of the bitmap, by the bitmap's own chunk. */
  | { readonly kind: 'bit'; readonly array: string; readonly chunk: number }
  /** A block of the array as its users count: the sector of the array in it. */
  | { readonly kind: 'block'; readonly array: string; readonly sector: number }
  /** A stripe in the stripe cache, by its first sector from the start of the members' data. */
  | { readonly kind: 'entry'; readonly array: string; readonly sector: number }
  /** Superblock and bitmap of a member, and the member as such. */
  | { readonly kind: 'member'; readonly array: string; readonly slot: number }
  | { readonly kind: 'array'; readonly array: string }
  | { readonly kind: 'disk'; readonly disk: string }
  | { readonly kind: 'mapped'; readonly mapped: string }
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'sector'; readonly disk: string; readonly sector: number }
  /** A field in a sector of a disk, by its name. */
  | { readonly kind: 'field'; readonly disk: string; readonly sector: number; readonly name: string }
  | { readonly kind: 'bio'; readonly bio: number }
  | { readonly kind: 'fault'; readonly fault: number }
  | { readonly kind: 'event'; readonly event: number }
  | { readonly kind: 'line'; readonly line: number }

/** Kinds, and which of their properties a key holds, in which order; the last may have spaces in it. */
const PARTS: { readonly [K in HoverId['kind']]: readonly string[] } = {
  chunk: ['array', 'stripe', 'slot'],
  stripe: ['array', 'stripe'],
  bit: ['array', 'chunk'],
  block: ['array', 'sector'],
  entry: ['array', 'sector'],
  member: ['array', 'slot'],
  array: ['array'],
  disk: ['disk'],
  mapped: ['mapped'],
  workload: ['workload'],
  sector: ['disk', 'sector'],
  field: ['disk', 'sector', 'name'],
  bio: ['bio'],
  fault: ['fault'],
  event: ['event'],
  line: ['line'],
}

const NUMBERS = new Set(['stripe', 'slot', 'chunk', 'sector', 'bio', 'fault', 'event', 'line'])

export function hoverKey(id: HoverId): string {
  const values = id as unknown as Readonly<Record<string, string | number>>
  return [id.kind, ...PARTS[id.kind].map((part) => values[part])].join(' ')
}

export function parseHoverKey(key: string): HoverId | undefined {
  const [kind, ...words] = key.split(' ')
  if (!Object.hasOwn(PARTS, kind)) return undefined
  const parts = PARTS[kind as HoverId['kind']]
  if (words.length < parts.length) return undefined
  const values = parts.map((part, i) => {
    const word = i === parts.length - 1 ? words.slice(i).join(' ') : words[i]
    return [part, NUMBERS.has(part) ? Number(word) : word] as const
  })
  if (values.some(([, value]) => Number.isNaN(value))) return undefined
  return { kind, ...Object.fromEntries(values) } as HoverId
}
