import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'
import { DONE } from '../sim/procedure.ts'

/** Lets the targets of a device bring up to date what their status lines say. */
export class RefreshStatusOperation extends DmOperation {
  constructor(device: MappedDevice) {
    super(device, 'begin')
  }

  override steps() {
    return REFRESH_STEPS
  }
}

const REFRESH_STEPS = {
  begin: (refresh: RefreshStatusOperation): string => {
    refresh.through(refresh.device.active?.targets ?? [])
    return 'refresh'
  },

  refresh: (refresh: RefreshStatusOperation): string => refresh.hooks('prepareStatus', 'refresh', DONE),
}
