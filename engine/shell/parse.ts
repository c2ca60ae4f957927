/**
 * The lab language, read as a POSIX shell reads it: words and quotes, comments, `;` and newlines, here-documents, files in
 * and out. What a shell can do beyond that is recognised and refused by name: a line is either carried out as a root shell
 * would, or not at all.
 */
import { quoteWord, readEscape } from './quote.ts'
import { REFUSALS } from './refusals.ts'

/** A file that an output goes to (1, 2), or that standard input comes from (0). */
export interface Redirect {
  readonly stream: 0 | 1 | 2
  readonly path: string
  readonly append: boolean
}

export interface ParsedCommand {
  readonly kind: 'command'
  /** As written, without the body of a here-document. */
  readonly text: string
  /** Number of the line it begins on; the first is 1. */
  readonly line: number
  readonly argv: readonly string[]
  /** The body of its here-document, or null. */
  readonly stdin: string | null
  readonly redirects: readonly Redirect[]
}

export interface ParseError {
  readonly kind: 'error'
  readonly text: string
  readonly line: number
  /** Where in that line, the first character being 1. */
  readonly column: number
  readonly message: string
  /** More text could make it right: a quote or a here-document is still open. */
  readonly incomplete: boolean
}

export type ParsedLine = ParsedCommand | ParseError

/** @returns what the text asks for, in order; nothing on a line with an error is carried out. */
export function parse(text: string): ParsedLine[] {
  return new Parser(text).all()
}

interface HereDocument {
  readonly delimiter: string
  /** A quote in the delimiter: the body is taken as it is. */
  readonly literal: boolean
  readonly stripTabs: boolean
  readonly at: number
  readonly command: CommandDraft
}

interface NotedError {
  readonly at: number
  readonly message: string
  readonly incomplete: boolean
}

interface CommandDraft {
  from: number
  to: number
  argv: string[]
  stdin: string | null
  redirects: Redirect[]
}

class Parser {
  private readonly text: string
  private at = 0
  /** The first error of the line being read; reading goes on, to find where its here-documents end. */
  private error: NotedError | null = null
  private hereDocuments: HereDocument[] = []
  private readonly found: ParsedLine[] = []
  /** Index of the first character of each line. */
  private readonly lineStarts: number[] = [0]
  private lastLine = 1

  constructor(text: string) {
    this.text = text
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1)
  }

  all(): ParsedLine[] {
    while (this.at < this.text.length) this.logicalLine()
    return this.found
  }

  /** Everything up to a newline that is neither quoted nor escaped, and the here-documents after it. */
  private logicalLine(): void {
    this.error = null
    this.hereDocuments = []
    const from = this.at
    const drafts: CommandDraft[] = []
    while (!this.atLineEnd()) {
      const draft = this.command()
      if (draft.argv.length > 0) drafts.push(draft)
      else if (draft.redirects.length > 0 || draft.stdin !== null) this.note(draft.from, 'a command is missing here')
      if (this.text[this.at] !== ';') continue
      if (this.text[this.at + 1] === ';') this.note(this.at, 'this shell has no conditions (;;)')
      else if (draft.argv.length === 0) this.note(this.at, 'a command is missing before ;')
      this.at++
    }
    const to = this.at
    if (this.at < this.text.length) this.at++
    for (const document of this.hereDocuments) this.readHereDocument(document)
    const error = this.noted()
    if (error !== null) {
      const { message, incomplete } = error
      const text = this.text.slice(from, to).trim()
      this.found.push({ kind: 'error', text, ...this.position(error.at), message, incomplete })
      return
    }
    for (const draft of drafts) {
      const { argv, stdin, redirects } = draft
      const text = this.text.slice(draft.from, draft.to)
      this.found.push({ kind: 'command', text, line: this.position(draft.from).line, argv, stdin, redirects })
    }
  }

  /** One command: words and redirections up to `;` or the end of the line. */
  private command(): CommandDraft {
    this.skipBlanks()
    const draft: CommandDraft = { from: this.at, to: this.at, argv: [], stdin: null, redirects: [] }
    while (!this.atLineEnd() && this.text[this.at] !== ';') {
      this.token(draft)
      draft.to = this.at
      this.skipBlanks()
    }
    return draft
  }

  private token(draft: CommandDraft): void {
    const { text, at } = this
    const redirect = /^([0-9]*)(<<<|<<-?|<>|<&|<\(|<|>>|>&|>\||>\(|>)/.exec(text.slice(at, at + 16))
    if (redirect !== null) {
      this.at += redirect[0].length
      this.redirection(draft, redirect[1], redirect[2], at)
      return
    }
    const refused = /^(\|\||&&|&>|\||&|\(|\))/.exec(text.slice(at, at + 2))
    if (refused !== null) {
      this.note(at, REFUSALS.operators[refused[0]])
      this.at += refused[0].length
      return
    }
    const word = this.word(true)
    if (draft.argv.length === 0 && !word.quoted) {
      const keyword = Object.hasOwn(REFUSALS.keywords, word.value) ? REFUSALS.keywords[word.value] : undefined
      if (keyword !== undefined) this.note(at, `this shell has no ${keyword} (${word.value})`)
      else if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(text.slice(at))) this.note(at, 'this shell has no variables (NAME=…)')
    }
    draft.argv.push(word.value)
  }

  private redirection(draft: CommandDraft, number: string, operator: string, at: number): void {
    this.skipBlanks()
    const wordAt = this.at
    const hereDocument = operator === '<<' || operator === '<<-'
    const missing = this.atLineEnd() || /[;<>|&()]/.test(this.text[this.at])
    const word = missing ? { value: '', quoted: false } : this.word(!hereDocument)
    if (hereDocument) {
      if (missing) this.note(wordAt, `the word that ends the here-document is missing after ${operator}`)
      else if (number !== '' && number !== '0') this.note(at, `a here-document is standard input, not ${number}`)
      const { value: delimiter, quoted: literal } = word
      this.hereDocuments.push({ delimiter, literal, stripTabs: operator === '<<-', at, command: draft })
      draft.stdin = ''
      draft.redirects = draft.redirects.filter(({ stream }) => stream !== 0)
      return
    }
    if (operator !== '<' && operator !== '>' && operator !== '>>') {
      this.note(at, REFUSALS.operators[operator])
      return
    }
    const stream = number === '' ? (operator === '<' ? 0 : 1) : Number(number)
    if (missing) this.note(wordAt, `a file name is missing after ${operator}`)
    else if (operator === '<' ? stream !== 0 : stream !== 1 && stream !== 2) {
      this.note(
        at,
        `this shell has no streams but standard input, output and error; ${number}${operator} asks for another`,
      )
    }
    if (operator === '<') draft.stdin = null
    draft.redirects.push({ stream: stream as 0 | 1 | 2, path: word.value, append: operator === '>>' })
  }

  /** @param expand whether to look for what would be expanded, and refuse it. */
  private word(expand: boolean): { value: string; quoted: boolean } {
    const { text } = this
    let value = ''
    let quoted = false
    const from = this.at
    while (this.at < text.length) {
      const at = this.at
      const char = text[at]
      if (' \t\n;<>|&()'.includes(char) || (char === '\r' && text[at + 1] === '\n')) break
      if (char === '\\') {
        if (text[at + 1] === '\n') {
          this.at += 2
          continue
        }
        if (at + 1 >= text.length) {
          this.note(at, 'a backslash at the very end quotes nothing', true)
          this.at++
          continue
        }
        quoted = true
        value += text[at + 1]
        this.at += 2
      } else if (char === "'") {
        quoted = true
        value += this.singleQuoted()
      } else if (char === '"') {
        quoted = true
        value += this.doubleQuoted(expand)
      } else if (char === '$' && text[at + 1] === "'") {
        quoted = true
        value += this.dollarQuoted()
      } else {
        if (expand) this.refuseExpansion(at, at === from)
        value += char
        this.at++
      }
    }
    return { value, quoted }
  }

  private singleQuoted(): string {
    const from = this.at + 1
    const end = this.text.indexOf("'", from)
    if (end < 0) return this.unclosed("'")
    this.at = end + 1
    return this.text.slice(from, end)
  }

  private doubleQuoted(expand: boolean): string {
    const { text } = this
    let value = ''
    let at = this.at + 1
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\' && at + 1 < text.length && '$`"\\\n'.includes(text[at + 1])) {
        if (text[at + 1] !== '\n') value += text[at + 1]
        at += 2
        continue
      }
      if (expand) this.refuseSubstitution(at)
      value += text[at++]
    }
    if (at >= text.length) return this.unclosed('"')
    this.at = at + 1
    return value
  }

  private dollarQuoted(): string {
    const { text } = this
    let value = ''
    let at = this.at + 2
    while (at < text.length && text[at] !== "'") {
      if (text[at] === '\\' && at + 1 < text.length) {
        const escape = readEscape(text, at + 1, 'quote')
        value += escape.text
        at = escape.end
      } else value += text[at++]
    }
    if (at >= text.length) return this.unclosed("$'")
    this.at = at + 1
    // A NUL ends a string in a shell: nothing after it reaches the command.
    const nul = value.indexOf('\0')
    return nul < 0 ? value : value.slice(0, nul)
  }

  private unclosed(quote: string): string {
    this.note(this.at, `the quote ${quote} is not closed`, true)
    this.at = this.text.length
    return ''
  }

  private refuseExpansion(at: number, first: boolean): void {
    const { text } = this
    const char = text[at]
    if (char === '*' || char === '?') this.note(at, `this shell has no patterns (${char}); quote it, or name each file`)
    else if (char === '[' && /^\[[^\s;|&<>]+\]/.test(text.slice(at, at + 256))) {
      this.note(at, 'this shell has no patterns ([…]); quote it, or name each file')
    } else if (char === '{' && /^\{[^\s;|&<>{}]*(,|\.\.)[^\s;|&<>]*\}/.test(text.slice(at, at + 256))) {
      this.note(at, 'this shell has no brace lists ({…}); write the words out')
    } else if (char === '~' && first) this.note(at, 'this shell has no home directories (~)')
    else if (char === '$' && text[at + 1] === '"') this.note(at, 'this shell has no translated strings ($"…")')
    else this.refuseSubstitution(at)
  }

  /** What is replaced within double quotes, too. */
  private refuseSubstitution(at: number): void {
    const { text } = this
    if (text[at] === '`') this.note(at, 'this shell has no command substitution (`…`)')
    if (text[at] !== '$' || at + 1 >= text.length) return
    const next = text[at + 1]
    if (next === '(') {
      const arithmetic = text[at + 2] === '('
      this.note(at, `this shell has no ${arithmetic ? 'arithmetic ($((…)))' : 'command substitution ($(…))'}`)
    } else if (/[A-Za-z0-9_{?@*#!$-]/.test(next)) {
      const name = /^\$(\{[^}\n]*\}?|[A-Za-z_][A-Za-z0-9_]*|.)/.exec(text.slice(at, at + 64))
      this.note(at, `this shell has no variables (${name?.[0] ?? '$'}); write the value, or quote the $`)
    }
  }

  private readHereDocument(document: HereDocument): void {
    const { text } = this
    let body = ''
    for (;;) {
      if (this.at >= text.length) {
        this.note(document.at, `the here-document is not ended: ${document.delimiter} is wanted alone on a line`, true)
        return
      }
      const newline = text.indexOf('\n', this.at)
      const end = newline < 0 ? text.length : newline
      const from = this.at
      let line = text.slice(from, end)
      this.at = Math.min(text.length, end + 1)
      if (document.stripTabs) line = line.replace(/^\t+/, '')
      if (line === document.delimiter || line === document.delimiter + '\r') break
      body += document.literal ? line + '\n' : this.expandHereLine(line, end - line.length, newline >= 0)
    }
    document.command.stdin = body
  }

  private expandHereLine(line: string, from: number, newline: boolean): string {
    let value = ''
    for (let i = 0; i < line.length; i++) {
      if (line[i] === '\\') {
        if (i + 1 === line.length && newline) return value
        if ('$`\\'.includes(line[i + 1] ?? ' ')) {
          value += line[++i]
          continue
        }
      }
      this.refuseSubstitution(from + i)
      value += line[i]
    }
    return value + '\n'
  }

  private skipBlanks(): void {
    const { text } = this
    for (;;) {
      const char = text[this.at]
      if (char === ' ' || char === '\t' || (char === '\r' && text[this.at + 1] === '\n')) this.at++
      else if (char === '\\' && text[this.at + 1] === '\n') this.at += 2
      else if (char === '#') {
        const newline = text.indexOf('\n', this.at)
        this.at = newline < 0 ? text.length : newline
      } else return
    }
  }

  private atLineEnd(): boolean {
    return this.at >= this.text.length || this.text[this.at] === '\n'
  }

  private noted(): NotedError | null {
    return this.error
  }

  private note(at: number, message: string, incomplete = false): void {
    this.error ??= { at, message, incomplete }
  }

  /** Positions are asked for in rising order, or nearly so: the search begins where the last one ended. */
  private position(at: number): { line: number; column: number } {
    const { lineStarts } = this
    let line = this.lastLine
    while (line > 1 && lineStarts[line - 1] > at) line--
    while (line < lineStarts.length && lineStarts[line] <= at) line++
    this.lastLine = line
    return { line, column: at - lineStarts[line - 1] + 1 }
  }
}

/** The text of a command: a line that is read back as these very words. */
export function commandText(argv: readonly string[]): string {
  const special = argv.length > 0 && (Object.hasOwn(REFUSALS.keywords, argv[0]) || argv[0].includes('='))
  return argv.map((word, i) => (i === 0 && special ? `'${word.replaceAll("'", "'\\''")}'` : quoteWord(word))).join(' ')
}
