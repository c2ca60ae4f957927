/**
 * Raid tables with a mistake in them. Most are refused by the kernel; some mistakes turn out to be none (words in capitals,
 * surplus words), and the kernel then takes the table.
 *
 * What is not among them: a valid `sync` (Linux 6.1 then writes memory that nobody had cleared), and whatever asks for a reshape
 * or a journal, which come later here.
 */
import type { Dice } from './fuzz_dice.ts'
import { newTable, tableLine, withParameter, withPlace, type RaidTable } from './fuzz_tables.ts'

/** A name of the mistake and the line. */
export interface WrongTable {
  readonly mistake: string
  readonly line: string
}

type Spoil = (dice: Dice, table: RaidTable) => string

/** Changes one word of the line: 3 is the type, 4 the number of parameters, 5 the chunk. */
const word =
  (index: number, values: readonly string[]): Spoil =>
  (dice, table) => {
    const words = tableLine(table).split(' ')
    words[index] = dice.pick(values)
    return words.join(' ')
  }

/** Puts words among the parameters, counted. */
const parameter =
  (...choices: readonly (readonly string[])[]): Spoil =>
  (dice, table) =>
    tableLine(withParameter(table, ...dice.pick(choices)))

/** Changes one leg's places. */
const leg =
  (change: (place: readonly [string, string]) => readonly [string, string]): Spoil =>
  (dice, table) => {
    const at = dice.between(0, table.places.length - 1)
    return tableLine(withPlace(table, at, ...change(table.places[at]!)))
  }

const MISTAKES: Readonly<Record<string, Spoil>> = {
  type: word(3, ['raid2', 'raid5', 'raid6', 'raid5_xx', 'raid6_n_5', 'raid10_close', 'RAID', '5']),
  'capital letters': (_dice, table) => tableLine(table).replace(/raid\d+\w*/, (type) => type.toUpperCase()),
  'count of parameters': (dice, table) => {
    const words = tableLine(table).split(' ')
    const count = Number(words[4])
    words[4] = dice.pick([String(count - 1), String(count + 1), String(count + 2), '0', '-1', 'x', '99', '1.5'])
    return words.join(' ')
  },
  chunk: word(5, ['0', '3', '4', '7', '-16', '24', '100', '4294967296', 'x', '1', '4096', '65536']),
  'unknown parameter': parameter(['bogus'], ['bogus', '1'], ['bogus', 'x'], ['regionsize', '64'], ['rebuilt', '0']),
  'no value': parameter(['region_size'], ['rebuild'], ['daemon_sleep'], ['stripe_cache'], ['raid10_format']),
  'value of no number': parameter(
    ['rebuild', 'x'],
    ['region_size', '64k'],
    ['daemon_sleep', ''],
    ['stripe_cache', '1e2'],
  ),
  'value out of range': parameter(
    ['rebuild', '9'],
    ['rebuild', '-1'],
    ['write_mostly', '8'],
    ['daemon_sleep', '-1'],
    ['min_recovery_rate', '-1'],
    ['max_recovery_rate', '-5'],
    ['max_write_behind', '-1'],
    ['max_write_behind', '40000'],
    ['stripe_cache', '-1'],
    ['stripe_cache', '3'],
    ['stripe_cache', '40000'],
    ['region_size', '-64'],
    ['region_size', '100'],
    ['region_size', '1048576'],
    ['region_size', '1'],
    ['raid10_copies', '0'],
    ['raid10_copies', '1'],
    ['raid10_copies', '9'],
    ['raid10_format', 'close'],
    ['delta_disks', '300'],
    ['delta_disks', '0'],
    ['data_offset', '8'],
    ['data_offset', '33'],
    ['data_offset', '-32'],
  ),
  'parameter of another type': (dice, table) => {
    const { level } = table
    const choices: string[][] = []
    if (level !== 1) choices.push(['write_mostly', '0'], ['max_write_behind', '8'])
    if (level !== 10) choices.push(['raid10_copies', '2'], ['raid10_format', 'far'], ['raid10_use_near_sets'])
    if (level !== 5 && level !== 6) choices.push(['stripe_cache', '64'], ['journal_mode', 'writeback'])
    if (level === 0)
      choices.push(['sync'], ['nosync'], ['rebuild', '0'], ['region_size', '64'], ['daemon_sleep', '100'])
    if (level === 6) choices.push(['nosync'])
    return tableLine(withParameter(table, ...dice.pick(choices)))
  },
  'given twice': (dice, table) => {
    const given = table.parameters.filter(([name]) => name !== 'write_mostly')
    const again = given.length > 0 ? [...dice.pick(given)] : dice.pick([['nosync'], ['region_size', '512']])
    return tableLine(
      given.length > 0 ? withParameter(table, ...again) : withParameter(withParameter(table, ...again), ...again),
    )
  },
  contradiction: parameter(
    ['sync', 'nosync'],
    ['nosync', 'sync'],
    ['nosync', 'rebuild', '0'],
    ['sync', 'rebuild', '0'],
    ['rebuild', '0', 'rebuild', '0'],
    ['min_recovery_rate', '2000', 'max_recovery_rate', '1000'],
    ['raid10_format', 'near', 'raid10_use_near_sets'],
  ),
  'all legs write-mostly': (_dice, table) =>
    tableLine(table.places.reduce((all, _, i) => withParameter(all, 'write_mostly', String(i)), table)),
  'rebuild of a new set': (dice, table) =>
    tableLine(withParameter(table, 'rebuild', String(dice.between(0, table.places.length - 1)))),
  'count of legs': (dice, table) => {
    const words = tableLine(table).split(' ')
    const at = words.length - 2 * table.places.length - 1
    const count = table.places.length
    words[at] = dice.pick([String(count + 1), String(count - 1), '0', '-1', 'x', '300', '254'])
    return words.join(' ')
  },
  'a word less': (dice, table) => tableLine(table).split(' ').slice(0, -dice.between(1, 4)).join(' '),
  'a word more': (dice, table) => `${tableLine(table)} ${dice.pick(['-', '- -', 'x', '/dev/src', '0'])}`,
  'metadata without data': leg(([meta]) => [meta === '-' ? '/dev/ma' : meta, '-']),
  'no such device': leg(([meta]) => [meta, '/dev/nosuch']),
  'no such metadata device': leg(([, data]) => ['/dev/mnosuch', data]),
  'a leg missing': leg(() => ['-', '-']),
  'all legs missing': (_dice, table) => tableLine({ ...table, places: table.places.map(() => ['-', '-'] as const) }),
  'length does not divide': (dice, table) =>
    tableLine({ ...table, lengthSectors: table.lengthSectors + dice.pick([1, -1, 7, 3]) }),
  'legs too small': (dice, table) =>
    tableLine({ ...table, lengthSectors: table.lengthSectors * dice.pick([16, 64, 4096]) }),
  'does not begin at 0': word(0, ['8', '-8', 'x']),
  'no length': word(1, ['0', 'x', '-8']),
  'too few legs': (_dice, table) => tableLine({ ...table, places: table.places.slice(0, table.level === 6 ? 3 : 1) }),
  'words in another order': (dice, table) => {
    const words = tableLine(table).split(' ')
    const head = words.slice(0, 4)
    return [
      ...head,
      ...dice.shuffled(words.slice(4, 4 + 1 + Number(words[4]))),
      ...words.slice(5 + Number(words[4])),
    ].join(' ')
  },
}

/** Names of all mistakes. */
export const MISTAKE_NAMES: readonly string[] = Object.keys(MISTAKES)

/**
 * A table with one mistake. None has legs shorter than a chunk: Linux takes those, and never comes to an end of syncing the nothing
 * that fits.
 */
export function wrongTable(dice: Dice): WrongTable {
  for (;;) {
    const mistake = dice.pick(MISTAKE_NAMES)
    const table = newTable(dice)
    const line = MISTAKES[mistake]!(dice, table)
    if (!(Number(line.split(' ')[5]) > table.legSectors)) return { mistake, line }
  }
}
