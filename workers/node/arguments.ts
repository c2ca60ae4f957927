/** The command line's own arguments. */

export const USAGE = `usage: npm run -s lab -- run FILE [--disks DIR] [--seed N] [--json] [--keep-going] [--trace OUT]

Runs a script of the lab language. FILE - is standard input.
  --disks DIR    images DIR/NAME.img are attached as /dev/NAME in the order of their names; disk create adds more there
  --seed N       seed of all chance, instead of the script's own
  --json         one JSON object per command and line, nothing else on standard output
  --keep-going   goes on after a command that fails
  --trace OUT    writes what happened to OUT, one JSON object per line
Exit status: 0 if every command succeeded, 1 if not, 2 if the arguments are wrong, 3 if the simulator itself is.
`

export interface RunArguments {
  readonly file: string
  readonly disks: string | null
  readonly seed: number | null
  readonly json: boolean
  readonly keepGoing: boolean
  readonly trace: string | null
}

/** @returns what is asked for, or a sentence saying what is wrong. */
export function parseArguments(argv: readonly string[]): RunArguments | string {
  const [verb, ...rest] = argv
  if (verb === undefined) return 'what to do is missing: run'
  if (verb !== 'run') return `no '${verb}'; there is run`
  const words: string[] = []
  const values = new Map<string, string>()
  for (let i = 0; i < rest.length; i++) {
    const [, name, glued] = /^--([a-z-]+)(?:=(.*))?$/s.exec(rest[i]) ?? []
    if (name === undefined) {
      if (rest[i].startsWith('-') && rest[i] !== '-') return `no option ${rest[i]}`
      words.push(rest[i])
    } else if (values.has(name)) return `--${name} is given twice`
    else if (name === 'json' || name === 'keep-going') {
      if (glued !== undefined) return `--${name} takes no value`
      values.set(name, '')
    } else if (name === 'disks' || name === 'seed' || name === 'trace') {
      const value = glued ?? rest[++i]
      if (value === undefined || value === '') return `--${name} wants a value`
      values.set(name, value)
    } else return `no option --${name}`
  }
  if (words.length !== 1) return words.length === 0 ? 'FILE is missing' : `one FILE at a time, not ${words.length}`
  const seed = values.get('seed')
  if (seed !== undefined && !(/^\d{1,10}$/.test(seed) && Number(seed) < 2 ** 32)) {
    return `--seed ${seed}: a whole number below 2^32 is wanted`
  }
  return {
    file: words[0],
    disks: values.get('disks') ?? null,
    seed: seed === undefined ? null : Number(seed),
    json: values.has('json'),
    keepGoing: values.has('keep-going'),
    trace: values.get('trace') ?? null,
  }
}
