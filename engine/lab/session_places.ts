/**
 * Disks in the world outside, and time travel: kept copies read through to them, and when a past moment becomes the live one
 * they get the bytes of that moment back. Each disk has one place outside; whatever machine is live writes there.
 */
import { Media } from '../block/media.ts'
import { MEMORY_HOST, type Host, type KeptMachine, type Machine } from './machine.ts'

export class Places {
  readonly host: Host
  private readonly byName: Map<string, Media>
  /** Bytes that were written back so far. */
  restoredBytes: number

  constructor(host: Host) {
    this.host = host
    this.byName = new Map()
    this.restoredBytes = 0
  }

  /** Takes note of the places that the live machine's disks have. */
  note(live: Machine): void {
    for (const { name } of live.disks()) {
      const media = live.media(name)
      if (media?.isOutside === true) this.byName.set(name, media)
    }
  }

  /**
   * Gives the disks outside the bytes that those of a kept machine hold.
   * @returns what the machine, woken as the live one, has in place of its copies
   */
  settle({ machine }: KeptMachine): [object, object][] {
    const pairs: { readonly name: string; readonly media: Media; readonly place: Media }[] = []
    for (const { name, sizeBytes } of machine.disks()) {
      const media = machine.media(name)
      const place = this.placeFor(name, sizeBytes)
      if (media !== undefined && place !== null) pairs.push({ name, media, place })
    }
    const restoring = pairs.length > 0 ? this.host.beginRestore?.(machine) : undefined
    for (const { name, media, place } of restoring === undefined ? [] : pairs) {
      place.compare(media, (at, bytes, from, length) => {
        restoring?.note(name, at, bytes.subarray(from, from + length))
      })
    }
    restoring?.commit()
    for (const { media, place } of pairs) {
      this.restoredBytes += place.restore(media)
      place.flush()
    }
    restoring?.done()
    const woken = pairs.map(({ media, place }): [object, object] => [media, place])
    return [[MEMORY_HOST, this.host], ...woken]
  }

  /** The place of a disk; a new one where that of this name is of another size. Null where the host has none to give. */
  private placeFor(name: string, sizeBytes: number): Media | null {
    const known = this.byName.get(name)
    if (known?.sizeBytes === sizeBytes) return known
    const backing = this.host.createBacking(name, sizeBytes)
    if (backing === null) return null
    const place = new Media(sizeBytes, backing)
    this.byName.set(name, place)
    return place
  }
}
