/** For crash tests: the oracle over a device, and a look at all of a device's bytes. */
import { Bio, READ, type BioOwner } from '../block/bio.ts'
import type { Machine } from './machine.ts'
import { ShadowDevice } from './shadow_device.ts'

/** What lines call the oracle. */
export const SHADOW = '/dev/shadow'

/** Puts the oracle over a device, which holds zeros unless told otherwise: I/O to {@link SHADOW} goes through it. */
export function addShadow(machine: Machine, over: string, holds?: Uint8Array): void {
  const lower = machine.kernel.devices.find(over)
  if (lower === undefined) throw new Error(`no device ${over}`)
  machine.kernel.devices.add(new ShadowDevice(lower, SHADOW.slice('/dev/'.length), holds))
}

export function shadowOf(machine: Machine): ShadowDevice {
  const device = machine.kernel.devices.find(SHADOW)
  if (!(device instanceof ShadowDevice)) throw new Error('no oracle here')
  return device
}

class WholeRead implements BioOwner {
  left: number
  failed: number

  constructor(left: number) {
    this.left = left
    this.failed = 0
  }

  bioDone(bio: Bio): void {
    this.left--
    if (bio.status !== 'OK') this.failed++
  }
}

const PIECE_SECTORS = 128

/** Reads a whole device through its own eyes. @errors throws when a read fails or does not come back. */
export function readDevice(machine: Machine, name: string): Uint8Array {
  const device = machine.kernel.devices.find(name)
  if (device === undefined) throw new Error(`no device ${name}`)
  const { memory } = machine.sim
  const address = memory.allocate(device.sectors * 512)
  const read = new WholeRead(Math.ceil(device.sectors / PIECE_SECTORS))
  for (let sector = 0; sector < device.sectors; sector += PIECE_SECTORS) {
    const sectors = Math.min(PIECE_SECTORS, device.sectors - sector)
    device.submit(new Bio(machine.sim, read, READ, 0, sector, sectors, address + sector * 512, 0))
  }
  while (read.left > 0 && machine.run({ maxEvents: 100 }) > 0);
  if (read.left > 0 || read.failed > 0) throw new Error(`${name} cannot be read`)
  const bytes = memory.bytes.slice(address, address + device.sectors * 512)
  memory.free(address)
  return bytes
}
