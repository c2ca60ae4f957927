/** Who set a state: the deed itself, the bio that brought it about, and the line behind it. */
import { OP_NAMES } from '../../engine/api/vocabulary.ts'
import { clock } from '../draw/format.ts'
import { hoverKey } from './hover_id.ts'
import type { Cause } from './inspection.ts'
import type { Picture } from './picture.ts'

/** @param what as the deed book names it */
export function originOf(picture: Picture, what: string): readonly Cause[] {
  const deed = picture.deeds.last(what)
  if (!deed) return []
  const causes: Cause[] = []
  const line = picture.causes[picture.bios.causeOf(deed.bio) || deed.cause] as string | undefined
  if (line) causes.push({ key: `${what} line`, text: line, detail: '', tone: 'plain', isUnderWay: false })
  const bio = picture.bios.find(deed.bio)
  if (bio) {
    causes.push({
      key: `${what} bio`,
      text: `${OP_NAMES[(bio.opFlags & 7) as 0] ?? 'I/O'} ${bio.sector}+${bio.sectors}`,
      detail: `bio ${bio.id} · ${clock(bio.submittedAt)}`,
      tone: 'plain',
      isUnderWay: false,
      hover: hoverKey({ kind: 'bio', bio: bio.id }),
    })
  }
  causes.push({ key: what, text: deed.text, detail: clock(deed.time), tone: 'plain', isUnderWay: false })
  return causes
}
