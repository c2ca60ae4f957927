import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { commandText, parse, type ParsedCommand, type ParseError } from './parse.ts'
import { quoteWords } from './quote.ts'

function commands(text: string): ParsedCommand[] {
  return parse(text).map((line) => {
    if (line.kind === 'error') throw new Error(`${line.line}:${line.column}: ${line.message}`)
    return line
  })
}

function argv(text: string): readonly string[][] {
  return commands(text).map((command) => [...command.argv])
}

function refusal(text: string): ParseError {
  const [line] = parse(text)
  if (line.kind === 'command') throw new Error(`was read: ${line.argv.join('|')}`)
  return line
}

test('words, quotes, comments, lines', () => {
  expect(argv('echo a  b\tc')).toEqual([['echo', 'a', 'b', 'c']])
  expect(argv(`echo 'a b' "c d" e\\ f g"h"'i'`)).toEqual([['echo', 'a b', 'c d', 'e f', 'ghi']])
  expect(argv(`echo "" '' "\\$x \\"q\\" \\\\ \\n"`)).toEqual([['echo', '', '', '$x "q" \\ \\n']])
  expect(argv(`echo 'it'\\''s'`)).toEqual([['echo', "it's"]])
  expect(argv('echo a # comment ; echo b\necho c#d')).toEqual([
    ['echo', 'a'],
    ['echo', 'c#d'],
  ])
  expect(argv('echo a; echo b;\n\n  ; echo c'.replace('  ; ', '  '))).toEqual([
    ['echo', 'a'],
    ['echo', 'b'],
    ['echo', 'c'],
  ])
  expect(argv('echo a\\\nb \\\n c')).toEqual([['echo', 'ab', 'c']])
  expect(argv('echo one\r\necho two\r\n')).toEqual([
    ['echo', 'one'],
    ['echo', 'two'],
  ])
  expect(argv('echo "a\nb"')).toEqual([['echo', 'a\nb']])
  expect(argv('echo $ a$ "$" 5% a@b x=y +1')).toEqual([['echo', '$', 'a$', '$', '5%', 'a@b', 'x=y', '+1']])
  expect(argv('')).toEqual([])
  expect(argv('# nothing\n\n   \n')).toEqual([])
})

test("the escapes of $'…'", () => {
  expect(argv(String.raw`echo $'a\nb\t\x41\101\u00e9\U0001f600\'\\\e\q'`)).toEqual([
    ['echo', "a\nb\tAA\u00e9\u{1f600}'\\\u001b\\q"],
  ])
  expect(argv(String.raw`echo $'\xff' $'a\0b'c`)).toEqual([['echo', '\udcff', 'ac']])
})

test('a command knows its text and its line', () => {
  const [a, b, c] = commands("\n  echo a ;echo 'b\nc'\ncat <<E\nx\nE\n")
  expect([a.text, a.line]).toEqual(['echo a', 2])
  expect([b.text, b.line]).toEqual(["echo 'b\nc'", 2])
  expect([c.text, c.line]).toEqual(['cat <<E', 4])
})

test('redirections', () => {
  const [command] = commands('dd if=/dev/zero >/tmp/a 2>> "/tmp/b c" </tmp/in')
  expect(command.argv).toEqual(['dd', 'if=/dev/zero'])
  expect(command.redirects).toEqual([
    { stream: 1, path: '/tmp/a', append: false },
    { stream: 2, path: '/tmp/b c', append: true },
    { stream: 0, path: '/tmp/in', append: false },
  ])
  expect(commands('echo a2>/tmp/x')[0].argv).toEqual(['echo', 'a2'])
  expect(refusal('echo a >').message).toMatch(/file name is missing after >/)
  expect(refusal('echo a 3> /tmp/x').message).toMatch(/no streams but/)
  expect(refusal('> /tmp/x').message).toMatch(/command is missing/)
})

test('here-documents', () => {
  const text =
    "boot set <<'END'; echo next\n$HOME `x` \\a\n\tb\nEND\ncat <<-E\n\tone\n\t\ttwo \\$ \\\\ \\x\n\tE\necho last"
  const [boot, next, cat, last] = commands(text)
  expect(boot.argv).toEqual(['boot', 'set'])
  expect(boot.stdin).toBe('$HOME `x` \\a\n\tb\n')
  expect(next.argv).toEqual(['echo', 'next'])
  expect(cat.stdin).toBe('one\ntwo $ \\ \\x\n')
  expect(last.argv).toEqual(['echo', 'last'])
  expect(commands('cat <<E\nE\n')[0].stdin).toBe('')
  expect(commands('cat << "E F"\na\nE F')[0].stdin).toBe('a\n')
  expect(commands('cat <<E\na\\\nb\nE')[0].stdin).toBe('ab\n')
  const variable = refusal('cat <<E\nfine\n  $x\nE\necho after')
  expect([variable.line, variable.column]).toEqual([3, 3])
  expect(parse('cat <<E\n$x\nE\necho after').map((line) => line.kind)).toEqual(['error', 'command'])
  const open = refusal('cat <<E\nno end')
  expect(open.incomplete).toBe(true)
  expect(open.message).toMatch(/not ended: E/)
})

test('the body of a here-document is never taken for commands, whatever is wrong with its line', () => {
  expect(parse('cat <<E | wc\necho danger\nE\necho after').map((line) => line.text)).toEqual([
    'cat <<E | wc',
    'echo after',
  ])
  expect(parse('wc | cat <<E\necho danger\nE\necho after').map((line) => line.text)).toEqual([
    'wc | cat <<E',
    'echo after',
  ])
})

test.each([
  ['cat /proc/mdstat | grep md0', 18, /pipes/],
  ['true && false', 6, /conditions \(&&\)/],
  ['true || false', 6, /conditions \(\|\|\)/],
  ['sleep 5 &', 9, /background/],
  ['echo $HOME', 6, /variables \(\$HOME\)/],
  ['echo "a ${x}"', 9, /variables \(\$\{x\}\)/],
  ['echo $(date)', 6, /command substitution/],
  ['echo `date`', 6, /command substitution/],
  ['echo $((1+2))', 6, /arithmetic/],
  ['echo $?', 6, /variables \(\$\?\)/],
  ['ls /dev/sd*', 11, /patterns \(\*\)/],
  ['ls /dev/sd?', 11, /patterns \(\?\)/],
  ['ls /dev/sd[ab]', 11, /patterns/],
  ['ls /dev/sd{a,b}', 11, /brace/],
  ['ls ~/x', 4, /home director/],
  ['for i in 1 2', 1, /loops/],
  ['  while true', 3, /loops/],
  ['if true', 1, /conditions/],
  ['[ -f /x ]', 1, /conditions/],
  ['{ echo a', 1, /groups/],
  ['! true', 1, /negation/],
  ['(echo a)', 1, /subshells/],
  ['f() {', 2, /subshells/],
  ['X=1 echo a', 1, /variables/],
  ['echo a <<< b', 8, /here-strings/],
  ['echo a 2>&1', 8, /joins no streams/],
  ['echo a &> /tmp/x', 8, /joins no streams/],
  ['cat <(echo)', 5, /process substitution/],
  ["echo 'a", 6, /not closed/],
  ['echo "a', 6, /not closed/],
  ["echo $'a", 6, /not closed/],
  ['; echo', 1, /missing before ;/],
  ['echo a;; echo', 7, /conditions/],
])('%s is refused at column %i', (text, column, message) => {
  const error = refusal(text)
  expect(error.message).toMatch(message)
  expect(error.column).toBe(column)
  expect(parse(`echo before\n${text}`)[1]).toMatchObject({ kind: 'error', line: 2, column })
})

test('nothing on a line with an error is carried out, the lines around it are', () => {
  expect(parse('echo a\necho b; echo c | d\necho e').map((line) => [line.kind, line.text])).toEqual([
    ['command', 'echo a'],
    ['error', 'echo b; echo c | d'],
    ['command', 'echo e'],
  ])
})

test('any text is read without a throw, and in time that grows with its length', () => {
  const chance = new Chance(11, 'parse')
  const alphabet = [
    'a',
    'b',
    ' ',
    '\n',
    "'",
    '"',
    '\\',
    '$',
    '`',
    '<',
    '<<',
    '>',
    '|',
    '&',
    ';',
    '#',
    '(',
    ')',
    '*',
    '{',
    '}',
    '[',
    ']',
  ]
  alphabet.push(
    '=',
    'E',
    '-',
    '\t',
    '\r',
    '1',
    '2',
    "$'",
    '\0',
    '\ud800',
    'é',
    '!',
    '~',
    '<<E\n',
    '\nE\n',
    'for',
    '\\x',
  )
  for (let round = 0; round < 20_000; round++) {
    let text = ''
    for (let length = chance.below(24); length > 0; length--) text += alphabet[chance.below(alphabet.length)]
    for (const line of parse(text)) {
      if (line.kind === 'error') expect(line.column).toBeGreaterThan(0)
      else expect(line.argv.length).toBeGreaterThan(0)
    }
  }
  expect(parse('echo a\n'.repeat(50_000)).length).toBe(50_000)
})

test('words that are quoted are read back as they were', () => {
  const chance = new Chance(12, 'quote')
  const alphabet = [...'ab \n\t\'"\\$`<>|&;#()*{}[]=-1!~%,./:@^+éß', '\0', '\u{1f600}', '\udcff', '\r']
  for (let round = 0; round < 20_000; round++) {
    const words: string[] = []
    for (let count = 1 + chance.below(4); count > 0; count--) {
      let word = ''
      for (let length = chance.below(8); length > 0; length--) word += alphabet[chance.below(alphabet.length)]
      words.push(word)
    }
    expect(argv(`echo ${quoteWords(words)}`)).toEqual([['echo', ...words]])
    expect(argv(commandText(words))).toEqual([words])
  }
  expect(commandText(['dd', 'if=/dev/zero', 'of=/dev/sda'])).toBe('dd if=/dev/zero of=/dev/sda')
  expect(argv(commandText(['for', 'x']))).toEqual([['for', 'x']])
  expect(argv(commandText(['X=1']))).toEqual([['X=1']])
})
