/** What a shell has and this one has not, in the words it is refused with. */

/** Words that begin something else than a command, and what that is. */
export const KEYWORDS: Readonly<Record<string, string>> = {
  if: 'conditions',
  then: 'conditions',
  elif: 'conditions',
  else: 'conditions',
  fi: 'conditions',
  '[': 'conditions',
  '[[': 'conditions',
  case: 'conditions',
  esac: 'conditions',
  for: 'loops',
  while: 'loops',
  until: 'loops',
  select: 'loops',
  do: 'loops',
  done: 'loops',
  function: 'functions',
  '{': 'groups of commands',
  '}': 'groups of commands',
  '!': 'negation',
}

/** Operators, with what to do instead. */
export const OPERATORS: Readonly<Record<string, string>> = {
  '|': 'this shell has no pipes (|); write to a file below /tmp and read that',
  '||': 'this shell has no conditions (||)',
  '&&': 'this shell has no conditions (&&); use ; or a new line',
  '&': 'this shell has no background jobs (&); see workload start',
  '&>': 'this shell joins no streams (&>); use > and 2>',
  '(': 'this shell has no subshells or functions ( ( )',
  ')': 'this shell has no subshells or functions ( ) )',
  '<<<': 'this shell has no here-strings (<<<); use a here-document (<<)',
  '<>': 'this shell opens no file for both directions (<>)',
  '<&': 'this shell joins no streams (<&)',
  '>&': 'this shell joins no streams (>&)',
  '>|': 'this shell has no >|; use >',
  '<(': 'this shell has no process substitution (<(…))',
  '>(': 'this shell has no process substitution (>(…))',
}
