import type { DmTable } from '../dm/table.ts'

/**
 * The lines of `status` and `table`; an empty one where there is no table.
 * @param type show only targets of this type.
 * @param prefix put before each line.
 */
export function targetLines(table: DmTable | null, kind: 'status' | 'table', type: string, prefix: string): string {
  if (table === null) return type === '' ? `${prefix}\n` : ''
  let text = ''
  for (const target of table.targets) {
    if (type !== '' && target.type.name !== type) continue
    const words = kind === 'status' ? target.status() : target.parameters()
    text += `${prefix}${target.begin} ${target.sectors} ${target.type.name} ${words}\n`
  }
  return text
}
