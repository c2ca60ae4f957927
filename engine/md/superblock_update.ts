/**
 * Writing the superblocks: the event count moves, the bitmap's header goes out first and is waited for, then the superblock of
 * every working member, each flushed before and durable after. Then, and only then, writes that waited go on.
 * @source md_update_sb, sync_sbs, drivers/md/md.c, 6.1
 */
import { TRACE } from '../sim/trace.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, CHANGE_PENDING, type MdArray } from './array.ts'
import { MetadataWriter } from './metadata_writer.ts'

export class UpdateSuperblocks extends MetadataWriter {
  /** Addresses of what is being written, to be freed. */
  buffers: number[]

  constructor(array: MdArray) {
    super(array, 'count the event')
    this.buffers = []
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'count the event': (update: UpdateSuperblocks): string => {
    const { array } = update
    noteRecovery(array)
    const forced = (array.changes & CHANGE_DEVS) !== 0 || array.degraded > 0
    const clean = (array.changes & CHANGE_CLEAN) !== 0 && !forced
    array.changes = CHANGE_PENDING
    if (clean && array.inSync && array.resyncOffset === MAX_SECTOR && array.canDecreaseEvents && array.events !== 1) {
      array.events--
      array.canDecreaseEvents = false
    } else {
      array.events++
      array.canDecreaseEvents = clean
    }
    array.sim.emit(TRACE.superblock_write, array.minor, array.events, array.inSync ? 1 : 0)
    return 'write the bitmap header'
  },

  'write the bitmap header': (update: UpdateSuperblocks): string => {
    update.writeBitmapHeader()
    return 'write the superblocks'
  },

  'write the superblocks': (update: UpdateSuperblocks): string => {
    const { array } = update
    const { memory } = array.sim
    for (const member of [...array.members]) {
      if (member.faulty) continue
      member.superblockEvents = array.events
      for (const { sector, bytes } of array.metadataWrites(member)) {
        const address = memory.allocateZeroed(bytes.length)
        memory.bytes.set(bytes, address)
        update.buffers.push(address)
        update.pending++
        array.submitMetadata(member, sector, bytes.length / 512, address, update, array.causes.superblock)
      }
    }
    return 'go on'
  },

  'go on': (update: UpdateSuperblocks): string => {
    const { array } = update
    for (const address of update.buffers) array.sim.memory.free(address)
    update.buffers = []
    array.updating = null
    if ((array.changes & ~CHANGE_PENDING) === 0) {
      array.changes = 0
      array.changesRecorded()
      array.sync?.superblocksWritten()
    }
    array.wakeThread()
    return ''
  },
}

/** A recovery under way is recorded as far as it is complete. */
function noteRecovery(array: MdArray): void {
  const { sync } = array
  if (sync === null || sync.action !== 'recover') return
  for (const member of array.members) {
    if (member.slot < 0 || member.inSync || member.faulty) continue
    if (sync.completed > member.recoveryOffset) member.recoveryOffset = sync.completed
  }
}
