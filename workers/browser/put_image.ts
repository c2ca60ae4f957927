/** Bytes that come into a store from elsewhere: an image that somebody brings in, or the disks of a machine in memory. */
import type { Session } from '../../engine/lab/session.ts'
import type { MachineStore, StoredDisk, StoredMachine } from './machine_store.ts'

const COPY_BYTES = 1 << 20

/**
 * Puts an image into a store, as a new disk of its machine or in place of one.
 * @errors says why where there is no room
 */
export function putImage(store: MachineStore, stored: StoredMachine, disk: StoredDisk, bytes: Uint8Array): void {
  const { name } = disk
  const backing = store.createBacking(name, bytes.length)
  if (backing === null) throw new Error(store.notices.at(-1) ?? 'there is no room for the image')
  for (let at = 0; at < bytes.length; at += COPY_BYTES) backing.write(at, bytes.subarray(at, at + COPY_BYTES))
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
