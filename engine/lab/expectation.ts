/** Which lines judge the one before them: whoever runs a script goes on to them, even if that one failed. */
import { parse } from '../shell/parse.ts'

export const EXPECT_NAME = 'expect'

/** @param typed what a script types next; nothing at its end */
export function isExpectation(typed: string | undefined): boolean {
  const line = typed === undefined ? undefined : parse(typed)[0]
  return line?.kind === 'command' && line.argv[0] === EXPECT_NAME
}
