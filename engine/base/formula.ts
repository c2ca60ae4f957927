/**
 * Formulas of whole numbers as they stand in a book: what is shown of a rule is what is computed, so that the two cannot differ.
 *
 *     ⌊a / b⌋   a mod b   a · b   a + b   a − b   a ≥ b   a > b   a = b   test ? yes : no   list[i]   (…)
 *
 * Outside of ⌊ ⌋ a division is exact or not there at all.
 */
import { assert } from './assert.ts'

/** What the symbols of a formula stand for. */
export type Symbols = Readonly<Record<string, number | readonly number[]>>

/** The value of a formula. @errors asserts where it cannot be read: formulas are part of the program */
export function evaluate(formula: string, symbols: Symbols): number {
  const reader = new Reader(formula.match(TOKEN) ?? [], symbols)
  const value = reader.choice()
  assert(reader.isAtEnd, `${formula}: nothing stands behind a formula`)
  return value
}

const TOKEN = /\d+|[a-z]+\d*|[^\s]/gi

class Reader {
  private readonly tokens: readonly string[]
  private readonly symbols: Symbols
  private at: number

  constructor(tokens: readonly string[], symbols: Symbols) {
    this.tokens = tokens
    this.symbols = symbols
    this.at = 0
  }

  get isAtEnd(): boolean {
    return this.at === this.tokens.length
  }

  choice(): number {
    const test = this.comparison()
    if (!this.takes('?')) return test
    const yes = this.choice()
    this.expects(':')
    const no = this.choice()
    return test !== 0 ? yes : no
  }

  private comparison(): number {
    const left = this.sum()
    if (this.takes('≥')) return Number(left >= this.sum())
    if (this.takes('>')) return Number(left > this.sum())
    if (this.takes('=')) return Number(left === this.sum())
    return left
  }

  private sum(): number {
    let value = this.product()
    for (;;) {
      if (this.takes('+')) value += this.product()
      else if (this.takes('−')) value -= this.product()
      else return value
    }
  }

  private product(): number {
    let value = this.factor()
    for (;;) {
      if (this.takes('·')) value *= this.factor()
      else if (this.takes('/')) value /= this.factor()
      else if (this.takes('mod')) value %= this.factor()
      else return value
    }
  }

  private factor(): number {
    if (this.takes('(')) {
      const value = this.choice()
      this.expects(')')
      return value
    }
    if (this.takes('⌊')) {
      const value = Math.floor(this.choice())
      this.expects('⌋')
      return value
    }
    const token = this.tokens[this.at++] ?? ''
    if (/^\d/.test(token)) return Number(token)
    const found = this.symbols[token]
    assert(found !== undefined, `${token || 'the end'} stands where a formula wants a value`)
    if (typeof found === 'number') return found
    this.expects('[')
    const index = this.choice()
    this.expects(']')
    return found[index]
  }

  private takes(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at++
    return true
  }

  private expects(token: string): void {
    assert(this.takes(token), `a formula wants ${token}`)
  }
}
