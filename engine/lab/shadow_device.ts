/**
 * The oracle of crash tests: a device that passes everything on to the one below, and remembers, flat, what each sector may
 * hold after a crash: what a completed flush (or FUA) has made durable, or anything that was submitted since.
 *
 * Two writes of one sector that were under way at the same time may end in either order: both stay possible, until a write
 * that was submitted after the end of both is durable.
 */
import { SHARED } from '../base/copy.ts'
import { FLUSH, FUA, PREFLUSH, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import { BlockDevice } from '../block/device.ts'

/** Bytes that nobody changes: copies of a machine share them. */
class Bytes {
  readonly [SHARED] = true
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** One write of one sector. */
interface Version {
  readonly content: Bytes
  /** Place of the content in its bytes. */
  readonly offset: number
  readonly submitted: number
  /** When it was acknowledged, in the order of submissions and ends; Infinity before. */
  acknowledged: number
  durable: boolean
}

/** A bio on its way below. */
interface Passing {
  readonly bio: Bio
  readonly submitted: number
  readonly versions: readonly Version[]
}

export class ShadowDevice extends BlockDevice implements BioOwner {
  readonly lower: BlockDevice
  /** What the device held at the beginning; zeros beyond its length. */
  private readonly base: Bytes
  private readonly written: Map<number, Version[]>
  private readonly passing: Map<number, Passing>
  private order: number

  constructor(lower: BlockDevice, name: string, base: Uint8Array = new Uint8Array(0)) {
    super(lower.sim, name, 240, 0, lower.sectors)
    this.lower = lower
    this.base = new Bytes(base)
    this.written = new Map()
    this.passing = new Map()
    this.order = 0
  }

  override supportsDiscard(): boolean {
    return false
  }

  protected override take(bio: Bio): void {
    const { sim } = this
    const submitted = ++this.order
    const versions = bio.op === WRITE && bio.sectors > 0 ? this.remember(bio, submitted) : []
    const child = new Bio(sim, this, bio.op, bio.flags, bio.sector, bio.sectors, bio.data, bio.cause, bio.id)
    this.passing.set(child.id, { bio, submitted, versions })
    this.lower.submit(child)
  }

  bioDone(child: Bio): void {
    const { bio, submitted, versions } = this.passing.get(child.id) as Passing
    this.passing.delete(child.id)
    const ended = ++this.order
    if (child.status === 'OK') {
      if (bio.op === FLUSH || (bio.flags & PREFLUSH) !== 0) this.flushed(submitted)
      for (const version of versions) {
        version.acknowledged = ended
        if ((bio.flags & FUA) !== 0) version.durable = true
      }
      if ((bio.flags & FUA) !== 0) for (let i = 0; i < bio.sectors; i++) this.forgetOverwritten(bio.sector + i)
    }
    bio.end(child.status)
  }

  /** Sectors of which anything but the initial contents may be found. */
  get touched(): readonly number[] {
    return [...this.written.keys()]
  }

  /** Sectors of which something was written that no flush has made durable. */
  get atRisk(): readonly number[] {
    return [...this.written]
      .filter(([, versions]) => versions.some(({ durable }) => !durable))
      .map(([sector]) => sector)
  }

  /**
   * Compares what was found after a crash with what may be there.
   * @param found the whole device. @returns the sectors that hold what they must not.
   */
  wrongSectors(found: Uint8Array): number[] {
    const wrong: number[] = []
    for (let sector = 0; sector < this.sectors; sector++) {
      const versions = this.written.get(sector) ?? []
      const allowed = versions.some((version) => same(found, sector * 512, version.content.bytes, version.offset))
      if (allowed) continue
      const overwritten = versions.some((version) => version.durable)
      if (overwritten || !same(found, sector * 512, this.base.bytes, sector * 512)) wrong.push(sector)
    }
    return wrong
  }

  private remember(bio: Bio, submitted: number): Version[] {
    const content = new Bytes(this.sim.memory.bytes.slice(bio.data, bio.data + bio.sectors * 512))
    const versions: Version[] = []
    for (let i = 0; i < bio.sectors; i++) {
      const version = { content, offset: i * 512, submitted, acknowledged: Infinity, durable: false }
      const list = this.written.get(bio.sector + i)
      if (list === undefined) this.written.set(bio.sector + i, [version])
      else list.push(version)
      versions.push(version)
    }
    return versions
  }

  private flushed(submitted: number): void {
    for (const [sector, versions] of this.written) {
      let any = false
      for (const version of versions) {
        if (version.durable || version.acknowledged > submitted) continue
        version.durable = true
        any = true
      }
      if (any) this.forgetOverwritten(sector)
    }
  }

  private forgetOverwritten(sector: number): void {
    const versions = this.written.get(sector) ?? []
    const last = Math.max(...versions.map((version) => (version.durable ? version.submitted : 0)))
    this.written.set(
      sector,
      versions.filter((version) => version.acknowledged > last),
    )
  }
}

/** Bytes beyond the end of `b` are zeros. */
function same(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < 512; i++) if (a[atA + i] !== (b[atB + i] ?? 0)) return false
  return true
}
