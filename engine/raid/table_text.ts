/**
 * What `dmsetup table` prints of a raid target.
 * @source raid_status (STATUSTYPE_TABLE), drivers/md/dm-raid.c, 6.1
 */
import { RAID_PARAMETERS, type RaidParameterName } from './parameter.ts'
import { raid10CopiesOf, raid10FormatOf } from './raid_type.ts'
import type { RaidTable } from './table_line.ts'

/** What is shown as it has become, not as it was given. */
export interface RaidInForce {
  readonly chunkSectors: number
  readonly regionSectors: number
  /** In ticks. */
  readonly daemonSleep: number
  readonly maxWriteBehind: number
  readonly stripes: number
  readonly layout: number
  /** The number of the journal's device. */
  readonly journal: string
  /** Numbers of the legs' devices: metadata and data, `-` for none. */
  readonly devices: readonly (readonly [string, string])[]
}

export function raidTableText(table: RaidTable, inForce: RaidInForce): string {
  const words: string[] = []
  // Counted, but not printed: such a line is not to be loaded again.
  let unprinted = 0
  for (const { name } of RAID_PARAMETERS) {
    if (!table.values.given.includes(name)) continue
    if (name === 'raid10_use_near_sets') unprinted++
    else words.push(...parameterWords(name, table, inForce))
  }
  const devices = inForce.devices.map(([meta, data]) => ` ${meta} ${data}`).join('')
  const parameters = [inForce.chunkSectors, ...words].join(' ')
  return `${table.type.name} ${1 + words.length + unprinted} ${parameters} ${table.legs.length}${devices}`
}

function parameterWords(name: RaidParameterName, table: RaidTable, inForce: RaidInForce): string[] {
  const { values } = table
  switch (name) {
    case 'rebuild':
      return values.rebuild.flatMap((leg) => [name, String(leg)])
    case 'write_mostly':
      return values.writeMostly.flatMap((leg) => [name, String(leg)])
    case 'daemon_sleep':
      return [name, String(inForce.daemonSleep)]
    case 'min_recovery_rate':
      return [name, String(values.minRecoveryRate)]
    case 'max_recovery_rate':
      return [name, String(values.maxRecoveryRate)]
    case 'max_write_behind':
      return [name, String(inForce.maxWriteBehind)]
    case 'stripe_cache':
      return [name, String(inForce.stripes)]
    case 'region_size':
      return [name, String(inForce.regionSectors)]
    case 'raid10_copies':
      return [name, String(raid10CopiesOf(inForce.layout))]
    case 'raid10_format':
      return [name, raid10FormatOf(inForce.layout)]
    case 'journal_dev':
      return [name, inForce.journal]
    case 'journal_mode':
      return [name, values.journalMode ?? 'writethrough']
    default:
      return [name]
  }
}
