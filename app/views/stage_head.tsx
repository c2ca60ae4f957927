import { memo, type ReactElement } from 'react'
import { bytes } from '../draw/format.ts'
import type { Column } from '../draw/stage_layout.ts'
import type { MemberMark } from '../model/scene.ts'

const WORDS = {
  active: 'active',
  rebuilding: 'rebuilding',
  spare: 'spare',
  faulty: 'faulty',
  missing: 'missing',
  journal: 'journal',
} as const

/** The same where there is no room for it, as mdstat marks them. */
const SIGNS = { active: '', rebuilding: '…', spare: '(S)', faulty: '(F)', missing: '–', journal: '(J)' } as const
const CHARACTER = 6.8

/** Name, state and cache gauge above a member's column. */
export const StageHead = memo(function StageHead({
  array,
  member,
  column,
}: {
  array: string
  member: MemberMark
  column: Column
}): ReactElement {
  const { x, width } = column
  const isWell = member.state === 'active' || member.state === 'rebuilding' || member.state === 'spare'
  const isWide = width >= 118
  const cache = isWide ? `cache ${bytes(member.cacheBytes)}` : bytes(member.cacheBytes)
  const nameWidth = member.disk.length * 10 + 6
  return (
    <g
      role="columnheader"
      tabIndex={-1}
      data-stripe={-2}
      data-slot={member.slot}
      data-hover={`member ${array} ${member.slot}`}
      className="member-head"
      aria-label={`${member.disk === '-' ? 'no disk' : member.disk}, slot ${member.slot}, ${WORDS[member.state]}${member.replacement === undefined ? '' : `, being replaced by ${member.replacement}`}, ${bytes(member.cacheBytes)} only in its cache`}
    >
      <rect x={x} y={2} width={width} height={34} fill="transparent" />
      <text className="member-name" x={x + 1} y={20}>
        {member.disk}
      </text>
      {member.state !== 'active' && (
        <text className={isWell ? 'member-amber' : 'member-danger'} x={x + nameWidth} y={20}>
          {nameWidth + WORDS[member.state].length * CHARACTER <= width ? WORDS[member.state] : SIGNS[member.state]}
        </text>
      )}
      {member.state === 'active' && member.replacement !== undefined && (
        <text className="member-amber" x={x + nameWidth} y={20}>
          {nameWidth + (member.replacement.length + 2) * CHARACTER <= width ? `→ ${member.replacement}` : '→'}
        </text>
      )}
      {isWell && (
        <>
          {width >= 100 && (member.state === 'active' || width >= 190) && (
            <text x={x + width - 1} y={20} textAnchor="end">
              {member.cacheBytes > 0 ? cache : ''}
            </text>
          )}
          <rect className="member-gauge" x={x} y={29} width={width} height={4} rx={2} />
          <rect
            className="member-gauge-fill"
            x={x}
            y={29}
            width={Math.min(width, member.cacheBytes > 0 ? Math.max(4, member.cacheFill * width) : 0)}
            height={4}
            rx={2}
          />
        </>
      )}
    </g>
  )
})
