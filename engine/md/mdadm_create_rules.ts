import type { OptionRule } from './mdadm_create_check.ts'
import { defaultLayout, hasChunk } from './mdadm_layout.ts'
import { levelName } from './mdadm_names.ts'

/** What mdadm 4.2 refuses, in its order and its words. @source main, mdadm.c, and Create, Create.c */
export const OPTION_RULES: readonly OptionRule[] = [
  {
    when: ({ raidDevices, force }) => raidDevices === 1 && !force,
    status: 2,
    message: () =>
      "'1' is an unusual number of drives for an array, so it is probably\n" +
      '     a mistake.  If you really mean it you will need to specify --force before\n' +
      '     setting the number of drives.',
  },
  { when: ({ raidDevices }) => raidDevices === 0, status: 1, message: () => 'no raid-devices specified.' },
  { when: ({ level }) => Number.isNaN(level), status: 1, message: () => 'a RAID level is needed to create an array.' },
  {
    when: ({ level, raidDevices }) => level === 6 && raidDevices < 4,
    status: 1,
    message: () => 'at least 4 raid-devices needed for level 6',
  },
  {
    when: ({ level, raidDevices }) => level >= 4 && raidDevices < 2,
    status: 1,
    message: ({ level }) => `at least 2 raid-devices needed for level ${level}`,
  },
  {
    when: ({ level, spareDevices }) => level <= 0 && spareDevices > 0,
    status: 1,
    message: () => 'This level does not support spare devices',
  },
  {
    when: ({ raidDevices, spareDevices }, listed) => listed > raidDevices + spareDevices,
    status: 1,
    message: ({ raidDevices, spareDevices }, listed) =>
      `You have listed more devices (${listed}) than are in the array(${raidDevices + spareDevices})!`,
  },
  {
    when: ({ raidDevices, spareDevices }, listed) => listed < raidDevices + spareDevices,
    status: 1,
    message: () => "You haven't given enough devices (real or missing) to create this array",
  },
  {
    when: ({ level, bitmap }) => level <= 0 && bitmap !== undefined,
    status: 1,
    message: ({ level }) => `bitmaps not meaningful with level ${levelName(level)}`,
  },
  {
    when: ({ level, layout, raidDevices }) => level === 10 && copiesOf(layout) > raidDevices,
    status: 1,
    message: ({ layout }) => `that layout requires at least ${copiesOf(layout)} devices`,
  },
  {
    when: ({ level, chunkKib }) => !hasChunk(level) && chunkKib !== undefined,
    status: 1,
    message: () => 'specifying chunk size is forbidden for this level',
  },
]

/** Near copies times far copies of a RAID-10. */
function copiesOf(layout: number = defaultLayout(10)): number {
  return (layout & 255) * ((layout >> 8) & 255)
}
