import {
  BITMAP_COUNTER_MAX,
  BITMAP_MAGIC,
  BITMAP_STATE_STALE,
  BITMAP_VERSION,
  type BitmapSuper,
} from '../format/md_bitmap_super.ts'
import type { RaidArray } from './raid_array.ts'
import type { RaidTable } from './table_line.ts'

/** Ticks a second of the judging kernel. */
export const TICKS_PER_SECOND = 100
const DAEMON_SLEEP_DEFAULT = 5 * TICKS_PER_SECOND

/** Ticks between two passes of the daemon of a new bitmap: the table's number is taken for ticks, though milliseconds are meant. */
export function daemonTicks(given: number | null): number {
  return given === null || given === 0 ? DAEMON_SLEEP_DEFAULT : given
}

/**
 * The header of a new bitmap: stale, so that every bit counts as set.
 * @source md_bitmap_new_disk_sb, drivers/md/md-bitmap.c, 6.1
 */
export function newBitmapHeader(array: RaidArray, line: RaidTable): BitmapSuper {
  const writeBehind = Math.floor((line.values.maxWriteBehind ?? 0) / 2)
  return {
    magic: BITMAP_MAGIC,
    version: BITMAP_VERSION,
    uuid: new Uint8Array(16),
    events: array.events,
    events_cleared: array.events,
    sync_size: array.syncSectors,
    state: BITMAP_STATE_STALE,
    chunksize: line.regionSectors * 512,
    daemon_sleep: Math.floor(daemonTicks(line.values.daemonSleep) / TICKS_PER_SECOND),
    // What is not below the most that a counter holds is taken for half of that.
    write_behind: writeBehind < BITMAP_COUNTER_MAX ? writeBehind : Math.floor(BITMAP_COUNTER_MAX / 2),
    sectors_reserved: 0,
    nodes: 0,
    cluster_name: '',
  }
}
