/** A mistake of ours: the machine stops, it never goes on with wrong bytes. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * Checks what must always hold; stays on in production.
 * @errors AssertionError with the message when the condition is false.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Marks the branch that an exhaustive switch never reaches: a missing case breaks the build. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`)
}
