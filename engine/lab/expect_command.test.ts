import { expect, test } from 'vitest'
import { say, setUp, testMachine } from './fixture.ts'
import './whole_language.ts'

/** What an `expect` after a line answers, by its status. */
function judged(line: string, expectation: string): number {
  const machine = testMachine()
  say(machine, line)
  return say(machine, expectation).status
}

test('whether it succeeded', () => {
  expect(judged('true', 'expect')).toBe(0)
  expect(judged('false', 'expect')).toBe(1)
  expect(judged('false', 'expect --fails')).toBe(0)
  expect(judged('true', 'expect --fails')).toBe(1)
  expect(judged('no such command', 'expect --fails')).toBe(0)
})

test('what it printed, word by word, by its parts, or line by line', () => {
  expect(judged('echo one  two', 'expect one two')).toBe(0)
  expect(judged('echo one two', "expect 'one  two'")).toBe(0)
  expect(judged('echo one two', 'expect one')).toBe(1)
  expect(judged("echo '  a   b'", "expect --has ' a b' --has b --lacks c")).toBe(0)
  expect(judged("echo '  a   b'", 'expect --has c')).toBe(1)
  expect(judged("echo '  a   b'", "expect --lacks='a b'")).toBe(1)
  expect(judged("echo -e 'x\\n  y'", "expect <<'END'\nx\n  y\nEND")).toBe(0)
  expect(judged("echo -e 'x\\n  y'", "expect <<'END'\nx\ny\nEND")).toBe(1)
  expect(judged("echo -e 'x\\n  y'", "expect <<'END'\nx\nEND")).toBe(1)
})

test('several may judge one command; a lab line is one, too', () => {
  const machine = testMachine()
  setUp(machine, 'echo x > /tmp/x\ncat /tmp/x\nexpect x\nexpect --has x\nexpect < /tmp/x')
  setUp(machine, 'disk create a 64K\ndisk list\nexpect --has 64K')
  say(machine, 'disk create a 64K')
  expect(say(machine, 'expect --fails').status).toBe(0)
})

test('it says what is wrong', () => {
  const machine = testMachine()
  expect(say(machine, 'expect 1')).toMatchObject({ status: 2 })
  say(machine, 'echo 3')
  expect(say(machine, 'expect 4').stderr).toBe("expect: echo 3: said '3', not '4'\n")
  say(machine, 'cat /nonexistent')
  expect(say(machine, 'expect').stderr).toContain('cat /nonexistent: failed with status 1: cat: /nonexistent')
  expect(say(machine, 'expect --wrong').status).toBe(2)
  expect(say(machine, 'expect --has').status).toBe(2)
})

test('a disk with a pattern is the same everywhere, and another for another number', () => {
  const sum = (line: string): string => {
    const machine = testMachine()
    return setUp(machine, `${line}\nsha256sum /dev/a`)
  }
  expect(sum('disk create a 3M --pattern 7')).toBe(sum('disk create a 3M --pattern=7'))
  expect(sum('disk create a 3M --pattern 7')).not.toBe(sum('disk create a 3M --pattern 8'))
  expect(say(testMachine(), 'disk create a 3M --pattern x').status).toBe(1)
  expect(say(testMachine(), 'disk create a 1G --pattern 1').status).toBe(1)
})
