import './integrity_device.css'
import type { CSSProperties, ReactElement } from 'react'
import {
  BIT_DIRTY,
  BIT_RECALCULATE,
  BLOCK_IN_JOURNAL,
  BLOCK_UNCHECKED,
  BLOCK_WRONG,
  type IntegrityLook,
  type IntegrityStretch,
  type JournalSection,
} from '../../engine/api/integrity_flags.ts'
import { plural, sectorBytes } from '../draw/format.ts'
import { fitWords, modeWords, stateWords, worstOf } from '../model/integrity_words.ts'
import { lookAt } from '../model/look.ts'
import { useAnswer } from './use_answer.ts'
import { useMoment } from './use_moment.ts'

/** More cells are not drawn; each stands for several blocks or bits then, and shows the worst. */
const CELLS_MAX = 480

const STRETCH_NAMES: Readonly<Record<IntegrityStretch['kind'], string>> = {
  superblock: 'superblock',
  journal: 'journal',
  tags: 'tags',
  data: 'data',
}

/** What lies where, from the first sector to the last; short stretches are drawn longer than they are. */
function Strip({ look }: { look: IntegrityLook }): ReactElement {
  const total = look.stretches.reduce((sum, { sectors }) => sum + sectors, 0)
  const words = look.stretches.map(({ kind, sectors }) => `${STRETCH_NAMES[kind]} ${sectorBytes(sectors)}`)
  return (
    <figure>
      <div className="integ-strip" role="img" aria-label={`On the disk, in order: ${words.join(', ')}.`}>
        {look.stretches.map(({ kind, sectors }, i) => (
          <span
            key={i}
            className={`integ-stretch integ-${kind === 'journal' && look.mode === 'B' ? 'bitmap' : kind}`}
            style={{ flexGrow: Math.max(sectors / total, 0.04) }}
            title={words[i]}
          >
            {kind === 'superblock' ? 'SB' : kind === 'journal' && look.mode === 'B' ? 'bitmap' : STRETCH_NAMES[kind]}
          </span>
        ))}
      </div>
      <figcaption className="dim">{words.slice(0, 4).join(' · ')}</figcaption>
    </figure>
  )
}

function sectionWords({ state, used, lap }: JournalSection, entries: number, n: number): string {
  const held = state === 'free' ? 'free' : `${state}, ${used} of ${entries} entries`
  return `section ${n}: ${held}, ${lap < 0 ? 'no commit id' : `lap ${lap + 1}`}`
}

/** The sections of the journal: how full, how far, of which lap. */
function Journal({ look }: { look: IntegrityLook }): ReactElement {
  const words = look.sections.map((section, n) => sectionWords(section, look.sectionEntries, n))
  return (
    <ol className="integ-sections" aria-label="Sections of the journal">
      {look.sections.slice(0, CELLS_MAX).map(({ state, used, lap }, n) => (
        <li
          key={n}
          className={`integ-section integ-${state}`}
          style={{ '--full': `${(100 * used) / look.sectionEntries}%` } as CSSProperties}
          title={words[n]}
        >
          <span aria-hidden="true">{lap < 0 ? '?' : lap + 1}</span>
          <span className="unseen">{words[n]}</span>
        </li>
      ))}
    </ol>
  )
}

interface CellsProps {
  readonly flags: Uint8Array
  readonly label: string
  readonly noun: string
  /** The class of what a cell stands for, the worst of it. */
  readonly kindOf: (flags: number) => string
}

function Cells({ flags, label, noun, kindOf }: CellsProps): ReactElement {
  const { each, worst } = worstOf(flags, CELLS_MAX)
  return (
    <figure>
      <div className="integ-cells" role="img" aria-label={label}>
        {Array.from(worst, (bits, i) => (
          <span
            key={i}
            className={`integ-cell ${kindOf(bits)}`}
            title={
              each === 1 ? `${noun} ${i}` : `${noun}s ${i * each} to ${Math.min((i + 1) * each, flags.length) - 1}`
            }
          />
        ))}
      </div>
      {each > 1 && (
        <figcaption className="dim">{`a cell is ${plural(each, noun)}, and shows the worst of them`}</figcaption>
      )}
    </figure>
  )
}

function blockKind(flags: number): string {
  if ((flags & BLOCK_WRONG) !== 0) return 'integ-wrong'
  if ((flags & BLOCK_IN_JOURNAL) !== 0) return 'integ-held'
  return (flags & BLOCK_UNCHECKED) !== 0 ? 'integ-unchecked' : 'integ-fits'
}

function bitKind(flags: number): string {
  if ((flags & BIT_RECALCULATE) !== 0) return 'integ-unchecked'
  return (flags & BIT_DIRTY) !== 0 ? 'integ-held' : 'integ-clear'
}

function IntegrityLegend({ look }: { look: IntegrityLook }): ReactElement {
  const kinds: (readonly [string, string])[] = [
    ['integ-fits', 'fits its tag'],
    ['integ-wrong', 'does not: an error to whoever reads'],
  ]
  if (look.mode === 'J') kinds.push(['integ-held', 'newest bytes in the journal'])
  if (look.mode === 'B') kinds.push(['integ-clear', 'bit clear'], ['integ-held', 'bit set: being written'])
  if (look.mode === 'B' || look.recalculated >= 0) kinds.push(['integ-unchecked', 'not checked until recalculated'])
  return (
    <ul className="integ-legend" aria-label="Legend of the device">
      {kinds.map(([kind, words]) => (
        <li key={words}>
          <span className={`integ-cell ${kind}`} /> {words}
        </li>
      ))}
    </ul>
  )
}

/** An integrity device: what its mode promises, what lies where, journal or bitmap, and which blocks fit their tags. */
export function IntegrityDevice({ mapped }: { mapped: string }): ReactElement | null {
  const moment = useMoment()
  const look = useAnswer(() => lookAt('integrity', mapped), [mapped, moment])
  if (!look) return null
  const fits = fitWords(look)
  const isBad = look.failed !== '' || look.blocks.some((flags) => (flags & BLOCK_WRONG) !== 0)
  return (
    <div className="integ">
      <p>{modeWords(look)}</p>
      <p className={isBad ? 'danger' : ''}>{fits}</p>
      <Strip look={look} />
      <p>{stateWords(look)}</p>
      {look.sections.length > 0 && <Journal look={look} />}
      {look.bits.length > 0 && <Cells flags={look.bits} label={stateWords(look)} noun="bit" kindOf={bitKind} />}
      {look.blocks.length > 0 && look.mode !== 'R' && (
        <Cells flags={look.blocks} label={`Blocks. ${fits}`} noun="block" kindOf={blockKind} />
      )}
      {look.mode !== 'R' && <IntegrityLegend look={look} />}
    </div>
  )
}
