/**
 * What a shell has and this one has not. The words for it come with the rest of the language: nobody has typed before, and the first
 * machine's lines ask for nothing of the kind.
 */
class Refusals {
  /** Words that begin something else than a command, and what that is. */
  keywords: Readonly<Record<string, string>> = {}
  /** Operators, with what to do instead. */
  operators: Readonly<Record<string, string>> = {}
}

export const REFUSALS = new Refusals()
