/**
 * /sys/block/mdN/md/bitmap: what the write-intent bitmap is, and how many writes were behind at once.
 * @source md_bitmap_attrs, drivers/md/md-bitmap.c, 6.1
 */
import { ok } from '../base/errno.ts'
import { SECOND } from '../sim/sim.ts'
import type { MdArray } from './array.ts'
import { NativeArray } from './native_array.ts'
import type { Attribute } from './sysfs.ts'

export const BITMAP_ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  'bitmap/backlog': { read: ({ bitmap }) => String(bitmap?.header.write_behind ?? 0) },
  'bitmap/can_clear': { read: ({ bitmap }) => (bitmap === null ? '' : String(!bitmap.needSync)) },
  'bitmap/chunksize': { read: ({ bitmap }) => String(bitmap?.header.chunksize ?? 0) },
  'bitmap/location': { read: location },
  'bitmap/max_backlog_used': {
    read: ({ bitmap }) => String(bitmap?.behindWritesUsed ?? 0),
    // Whatever is written there, it is counted anew.
    write: ({ bitmap }) => {
      if (bitmap !== null) bitmap.behindWritesUsed = 0
      return ok(null)
    },
  },
  'bitmap/metadata': { read: () => 'internal' },
  'bitmap/time_base': { read: ({ bitmap }) => seconds(bitmap?.daemonSleep ?? 5 * SECOND) },
}

/** Sectors from the superblock to the bitmap. */
function location(array: MdArray): string {
  const offset = array instanceof NativeArray ? array.superblock.bitmap_offset : 0
  if (array.bitmap === null || offset === 0) return 'none'
  return offset < 0 ? String(offset) : `+${offset}`
}

function seconds(nanoseconds: number): string {
  const rest = nanoseconds % SECOND
  return rest === 0 ? String(nanoseconds / SECOND) : (nanoseconds / SECOND).toFixed(3)
}
