/** Which of the two families of commands a line belongs to: those of a root shell, or the lab's own. */
export type Family = 'linux' | 'lab'

export interface CommandName {
  readonly name: string
  readonly family: Family
  readonly usage: string
  readonly summary: string
}

/** The family of a line's first command; what nobody knows counts as Linux's, as a shell would take it. */
export function familyOf(line: string, commands: readonly CommandName[]): Family {
  const [word] = line.trim().split(/\s+/, 1)
  return commands.find(({ name }) => name === word)?.family ?? 'linux'
}
