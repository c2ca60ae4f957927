import type { ChunkMark } from '../model/scene.ts'

/** The state's letter, for those who do not see its colour; `old` is what needs no letter. */
const LETTERS = { old: '', new: 'N', stale: 'S', unknown: '?', lost: '×' } as const

/** Width of a character of the stage's small text, in pixels, on the safe side. */
const CHARACTER = 7.5

/**
 * What stands at the right of a chunk: the most pressing thing that can be said of it, as long as there is room.
 * @param room in pixels
 */
export function chunkWords(mark: ChunkMark, room: number): string {
  const fits = Math.floor(room / CHARACTER)
  return wordings(mark).find((words) => words.length <= fits) ?? ''
}

/** From the longest to the shortest. */
function wordings(mark: ChunkMark): readonly string[] {
  const letter = LETTERS[mark.state]
  if (mark.state === 'lost') return ['× missing', '×']
  if (mark.state === 'stale') return ['S stale', 'S']
  if (mark.volatilePages > 0) {
    const known = letter || 'N'
    return [`${known} only in cache`, `${known} in cache`, known]
  }
  if (mark.activity !== 'none') {
    const verb = mark.activity === 'read' ? 'read' : 'write'
    return [mark.why && `${verb} for ${mark.why}`, mark.why && `${verb} · ${mark.why}`, verb, letter].filter(Boolean)
  }
  if (mark.state === 'unknown') return ['? unsynced', '?']
  return mark.age ? [mark.age, mark.age.replace(' ago', ''), ''] : ['']
}

const STATES = {
  old: '',
  new: 'new',
  stale: 'stale: it does not fit its stripe',
  unknown: 'not known to be in sync',
  lost: 'its member is missing',
} as const

const KINDS = { data: '', parity: ', parity', copy: ', copy', empty: 'nothing', q: ', second parity' } as const

/** The whole of it, for the ear. */
export function chunkAccount(mark: ChunkMark, stripe: number, disk: string, words: string): string {
  const parts = [
    // What is written on the chunk comes first: whoever speaks to the page says what they see.
    `${mark.label}${words === '' ? '' : ` ${words}`}${KINDS[mark.kind]} of stripe ${stripe} on ${disk === '-' ? 'no disk' : disk}`,
    STATES[mark.state],
    mark.isBlank && mark.state === 'old' ? 'nothing but zeros' : '',
    mark.volatilePages > 0 ? 'only in the disk’s cache' : '',
    mark.activity === 'none' ? '' : `being ${mark.activity === 'read' ? 'read' : 'written'}`,
    mark.why && mark.activity !== 'none' ? `for ${mark.why}` : '',
  ]
  return parts.filter(Boolean).join(', ')
}
