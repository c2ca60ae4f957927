/** What is known of RAID levels. It may become more, as a kernel loads modules. */
export class LevelRegistry<Kind extends { readonly levels: readonly number[]; readonly journaled?: boolean }> {
  private readonly kinds: Kind[]

  constructor(kinds: readonly Kind[] = []) {
    this.kinds = [...kinds]
  }

  /** Adds kinds that are not known yet. */
  learn(kinds: readonly Kind[]): void {
    for (const kind of kinds) if (!this.kinds.includes(kind)) this.kinds.push(kind)
  }

  find(level: number, isJournaled = false): Kind | undefined {
    return this.kinds.find(({ levels, journaled = false }) => levels.includes(level) && journaled === isJournaled)
  }
}
