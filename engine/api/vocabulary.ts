/** The words and numbers that a frame is read with: kinds of trace rows, operations, layouts. */
export {
  decodeTraceRow,
  TRACE,
  TRACE_CAUSE,
  TRACE_COLUMNS,
  TRACE_KINDS,
  TRACE_ROWS,
  type TraceKindName,
} from '../sim/trace.ts'
export {
  DISCARD,
  FLUSH,
  FUA,
  META,
  OP_NAMES,
  PREFLUSH,
  READ,
  SYNC,
  WRITE,
  WRITE_ZEROES,
  type Op,
} from '../block/bio.ts'
export { END_WORDS } from '../block/power_switch.ts'
export { DISK_MODELS, isDiskModelName, type DiskModel, type DiskModelName } from '../block/disk_model.ts'
