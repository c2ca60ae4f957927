/** Who set a state: the deed itself, the bio that brought it about, and the line behind it. */
import { OP_NAMES } from '../../engine/api/vocabulary.ts'
import { clock } from '../draw/format.ts'
import type { Selection } from './page_store.ts'
import { hoverKey } from './hover_id.ts'
import { deviceName, type Cause } from './inspection.ts'
import type { Picture } from './picture.ts'

/** Lines during which things happen that they do not bring about: they only let time pass. */
const PASSING = /^(run|settle|step|sleep|wait)\b/

/** @param what as the deed book names it */
export function originOf(picture: Picture, what: string): readonly Cause[] {
  const deed = picture.deeds.last(what)
  if (!deed) return []
  const causes: Cause[] = []
  const line = picture.causes[picture.bios.causeOf(deed.bio) || deed.cause] as string | undefined
  if (line && !PASSING.test(line))
    causes.push({ key: `${what} line`, text: line, detail: '', tone: 'plain', isUnderWay: false })
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

/** What the inspector is to show for a bio: the chunk it is at, the member's metadata, or its disk. */
export function chunkOfBio(picture: Picture, bio: number): Selection | undefined {
  const record = picture.bios.find(bio)
  if (!record) return undefined
  const name = deviceName(picture, record.device)
  const map = picture.arrays.get(name)?.field.map
  const logical = map?.cellsOf(Math.floor(record.sector / map.chunkSectors)).at(0)
  if (logical) return { kind: 'chunk', array: name, stripe: logical.row, slot: logical.slot }
  for (const array of picture.frame?.arrays ?? []) {
    const member = array.members.find((one) => one.name === name && one.slot >= 0)
    if (!member) continue
    const stripe = Math.floor((record.sector - member.dataOffset) / array.chunkSectors)
    const { slot } = member
    return stripe < 0 ? { kind: 'member', array: array.name, slot } : { kind: 'chunk', array: array.name, stripe, slot }
  }
  return { kind: 'disk', disk: name }
}
