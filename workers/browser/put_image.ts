/** Images that somebody brings for a machine's disks: looked at before anything happens. */
import { isDiskName } from '../../engine/lab/disk_commands.ts'
import type { Machine } from '../../engine/lab/machine.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { MachineStore, StoredDisk, StoredMachine } from './machine_store.ts'

const COPY_BYTES = 1 << 20

/** @errors says why it is no image, or none that this machine could have */
export function checkImage(disk: string, bytes: Uint8Array, machine: Machine, store: MachineStore): void {
  if (!isDiskName(disk)) throw new Error(`${disk} is no name for a disk: letters and digits, such as sda, are`)
  if (bytes.length === 0 || bytes.length % 512 !== 0) {
    throw new Error(`an image is a whole number of sectors of 512 bytes; this one has ${bytes.length} bytes`)
  }
  // The machine starts again from its files: a disk that has none would come back blank.
  const homeless = machine.disks().filter(({ name }) => store.image(name) === null && name !== disk)
  if (store.kind === 'memory' || homeless.length === 0) return
  const names = homeless.map(({ name }) => name).join(', ')
  throw new Error(`what is on ${names} would be lost: there was only memory for it. Export it, or start afresh`)
}

/**
 * Puts an image into a store, as a new disk of its machine or in place of one.
 * @errors says why where there is no room: nothing has changed then
 */
export function putImage(store: MachineStore, stored: StoredMachine, disk: StoredDisk, bytes: Uint8Array): void {
  const { name } = disk
  store.createImage(name, bytes as Uint8Array<ArrayBuffer>)
  const isThere = stored.disks.some((old) => old.name === name)
  store.save({
    ...stored,
    disks: isThere ? stored.disks.map((old) => (old.name === name ? disk : old)) : [...stored.disks, disk],
    faults: stored.faults.filter((fault) => fault.disk !== name),
  })
}

/** Puts the disks of a machine that has them in memory alone into places of a store. */
export function keepDisksOf(session: Session, store: Pick<MachineStore, 'image' | 'createBacking'>): void {
  const { machine } = session
  for (const { name, sizeBytes } of machine.disks()) {
    const media = machine.media(name)
    if (media === undefined || media.isOutside || store.image(name) !== null) continue
    const backing = store.createBacking(name, sizeBytes)
    const piece = new Uint8Array(Math.min(COPY_BYTES, sizeBytes))
    for (let at = 0; backing !== null && at < sizeBytes; at += COPY_BYTES) {
      const part = piece.subarray(0, Math.min(COPY_BYTES, sizeBytes - at))
      media.read(at, part, 0, part.length)
      if (part.some((byte) => byte !== 0)) backing.write(at, part)
    }
  }
}
