/**
 * How data and checksums, on two devices, live through a crash: four ways, as they were told when somebody asked for it, and what each promises.
 */

export const CHECKSUM_MODES = ['none', 'rebuild', 'dual', 'journal'] as const
export type ChecksumMode = (typeof CHECKSUM_MODES)[number]

/** In which order a write in mode dual goes about its two devices. The first is right; the others show why. */
export const CHECKSUM_ORDERS = ['checksum_first', 'data_first', 'no_barrier'] as const
export type ChecksumOrder = (typeof CHECKSUM_ORDERS)[number]

/** What is done about a batch of writes. */
export type BatchStep =
  'settle' | 'flush settled' | 'room' | 'record' | 'sums' | 'sync' | 'loose' | 'data' | 'flush' | 'durable' | 'end'

/** The steps of a batch by mode, in mode dual by order: they read from left to right. */
export const BATCH_PLANS: Readonly<Record<Exclude<ChecksumMode, 'dual'> | ChecksumOrder, readonly BatchStep[]>> = {
  none: ['sums', 'data', 'durable', 'end'],
  rebuild: ['sums', 'data', 'durable', 'end'],
  checksum_first: ['settle', 'flush settled', 'sums', 'sync', 'data', 'end'],
  data_first: ['settle', 'flush settled', 'data', 'flush', 'sums', 'sync', 'end'],
  no_barrier: ['settle', 'flush settled', 'sums', 'loose', 'data', 'durable', 'end'],
  journal: ['room', 'record', 'sums', 'data', 'end'],
}

/** What a mode promises, and what it does not. */
export const CHECKSUM_PROMISES: Readonly<Record<ChecksumMode, string>> = {
  none:
    'Rot is found as long as nothing crashes. After a crash, sectors that were being written may fail though nothing is wrong with them, or be ' +
    'taken for good with what the cache of one device lost: nothing tells which.',
  rebuild:
    'Rot is found as long as nothing crashes. After a crash all checksums are computed anew from what is there: nothing fails, and whatever ' +
    'the crash, or rot before it, did to the data is right from then on.',
  dual:
    'Rot is found, crash or not: a sector has its old checksum and its new one until the data is durable, and either may match. A write that ' +
    'was lost is not found before the next flush has forgotten the old ones.',
  journal:
    'Rot is found, crash or not: data and checksum are in the journal before they are in their places, and are put there again after a ' +
    'crash. What is acknowledged is durable. Everything is written twice.',
}
