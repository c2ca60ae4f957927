import type { ReactElement } from 'react'
import { typeLine } from '../model/engine.ts'
import { Icon } from './icon.tsx'
import { Menu, type MenuEntry } from './menu.tsx'

const ENTRIES: readonly MenuEntry[] = [
  ['Now: the caches lose everything', 'power cut --keep none'],
  ['Now: each sector in a cache survives or not, by chance', 'power cut --keep random'],
  ['Now: the caches lose nothing', 'power cut --keep all'],
  ['After the next disk write', 'power cut --after-writes 1'],
  ['After three more disk writes', 'power cut --after-writes 3'],
].map(([label, line]) => ({ label, line, onSelect: () => void typeLine(line) }))

/** The arrow beside "Cut power": when, and what survives. */
export function CutMenu({ refusal }: { refusal: string | undefined }): ReactElement {
  return (
    <Menu label="When, and what survives" className="button-danger" refusal={refusal} entries={ENTRIES}>
      <Icon name="down" />
    </Menu>
  )
}
