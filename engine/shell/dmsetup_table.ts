/** Reading the text of a table: a line for each target, comments from `#` on, empty lines. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { TableLine } from '../dm/table.ts'

/**
 * @param source where the text is from, for the refusal.
 * @errors EINVAL for a line that is not START LENGTH TYPE and the arguments of that type.
 */
export function parseTable(text: string, source: string): Result<TableLine[]> {
  const lines: TableLine[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const words = /^(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line)
    if (words === null) {
      return fail(
        'EINVAL',
        `line ${index + 1} of the table ${source} must be START LENGTH TYPE [ARGUMENT...], not: ${line}`,
      )
    }
    const [, begin, sectors, type, rest] = words
    const comment = rest.indexOf('#')
    // The kernel takes one backslash of each pair away, and is to see what was written.
    const args = (comment < 0 ? rest : rest.slice(0, comment)).replaceAll('\\', '\\\\')
    lines.push({ begin: Number(begin), sectors: Number(sectors), type, args })
  }
  return ok(lines)
}
