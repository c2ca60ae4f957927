/**
 * What has to do with what: from the one thing that is looked at to the keys of everything that is to be marked with it. Goes both
 * ways: whatever a thing marks marks it.
 */
import type { ArrayFrame, MemberFrame } from '../../engine/api/frame.ts'
import type { BytesState } from './bytes_store.ts'
import type { ConsoleLine } from './console_log.ts'
import { hoverKey, parseHoverKey, type HoverId } from './hover_id.ts'
import { deviceName } from './inspection.ts'
import { overlaps, placesOf, type LinePlace } from './line_places.ts'
import type { Picture } from './picture.ts'

export interface HoverWorld {
  readonly picture: Picture
  readonly lines: readonly ConsoleLine[]
  readonly bytes: BytesState
}

/** In a larger array it is not looked up which chunks a console line touched last. */
const CHUNKS_SEARCHED = 20_000
/** So many chunks of what a line speaks of are marked. */
const ROWS_MARKED = 256
const CHUNKS_MARKED = 512

/** The keys of what is to be marked, the thing itself among them. */
export function relatedKeys(id: HoverId, world: HoverWorld): ReadonlySet<string> {
  const relations = new Relations(world)
  relations.relate(id)
  return relations.keys
}

class Relations {
  readonly keys = new Set<string>()
  readonly #world: HoverWorld

  constructor(world: HoverWorld) {
    this.#world = world
  }

  relate(id: HoverId): void {
    this.#add(id)
    switch (id.kind) {
      case 'chunk':
        this.#chunk(id.array, id.stripe, id.slot)
        break
      case 'stripe':
        this.#row(id.array, id.stripe)
        break
      case 'bit':
        this.#bit(id.array, id.chunk)
        break
      case 'block': {
        this.#block(id.array, id.sector)
        break
      }
      case 'entry':
        this.#entry(id.array, id.sector)
        break
      case 'member':
        this.#member(id.array, id.slot)
        break
      case 'array':
        this.#wholeArray(id.array)
        break
      case 'disk':
        this.#disk(id.disk)
        break
      case 'sector':
        this.#sector(id.disk, id.sector)
        break
      case 'field':
        this.#field(id.disk, id.sector, id.name)
        break
      case 'bio':
        this.#bio(id.bio)
        break
      case 'mapped':
      case 'workload':
        break
      case 'fault': {
        const fault = this.#world.picture.frame?.faults.find((one) => one.id === id.fault)
        if (fault) this.#add({ kind: 'disk', disk: fault.disk })
        break
      }
      case 'event':
        this.#event(id.event)
        break
      case 'line':
        this.#line(id.line)
    }
    if (id.kind !== 'event') this.#eventsAbout(id)
    if (id.kind !== 'line') this.#linesNaming(id)
  }

  #add(id: HoverId): void {
    this.keys.add(hoverKey(id))
  }

  #frame(name: string): ArrayFrame | undefined {
    return this.#world.picture.frame?.arrays.find((array) => array.name === name)
  }

  #array(name: string) {
    return this.#world.picture.arrays.get(name)?.field
  }

  #memberOf(disk: string): [ArrayFrame, MemberFrame] | undefined {
    for (const array of this.#world.picture.frame?.arrays ?? []) {
      const member = array.members.find(({ name, slot }) => name === disk && slot >= 0)
      if (member) return [array, member]
    }
    return undefined
  }

  /** A chunk, what makes its parity or what it is the parity of, and what speaks of its row. */
  #chunk(array: string, stripe: number, slot: number): void {
    const field = this.#array(array)
    const frame = this.#frame(array)
    if (!field || !frame || stripe < 0 || stripe >= field.rows) return
    const { map } = field
    this.#add({ kind: 'chunk', array, stripe, slot })
    const isRedundant = map.isRedundant(stripe, slot)
    for (const other of map.together(stripe, slot)) {
      if (isRedundant || map.isRedundant(other.row, other.slot)) {
        this.#add({ kind: 'chunk', array, stripe: other.row, slot: other.slot })
      }
    }
    this.#speakers(frame, stripe)
    const member = frame.members.find((one) => one.slot === slot)
    if (member && member.name !== '') {
      this.#add({ kind: 'disk', disk: member.name })
      this.#add({ kind: 'member', array, slot })
      const first = member.dataOffset + stripe * frame.chunkSectors
      this.#bytesOf(member.name, first, frame.chunkSectors)
    }
    const from = stripe * frame.chunkSectors
    const logical = map.arraySector(slot, from)
    if (logical >= 0) this.#linesAbout(array, logical, frame.chunkSectors)
    if (member) this.#linesAbout(member.name, member.dataOffset + from, frame.chunkSectors)
    const last = field.lastBio[stripe * field.slots + slot]
    if (last > 0) this.#causeOf(last)
    for (const flight of this.#world.picture.arrays.get(array)?.flights ?? []) {
      if (flight.row === stripe && flight.slot === slot) this.#causeOf(flight.bio)
    }
  }

  /** Where a sector of an array lies. */
  #block(array: string, sector: number): void {
    const map = this.#array(array)?.map
    if (!map) return
    for (const { row, slot } of map.cellsOf(Math.floor(sector / map.chunkSectors))) this.#chunk(array, row, slot)
  }

  /** All chunks of a row. */
  #row(array: string, stripe: number): void {
    const field = this.#array(array)
    const frame = this.#frame(array)
    if (!field || !frame || stripe < 0 || stripe >= field.rows) return
    for (let slot = 0; slot < field.slots; slot++) this.#add({ kind: 'chunk', array, stripe, slot })
    this.#speakers(frame, stripe)
    for (const { name, slot, dataOffset } of frame.members) {
      if (slot >= 0) this.#bytesOf(name, dataOffset + stripe * frame.chunkSectors, frame.chunkSectors)
    }
  }

  /** What speaks of a row: its number, its bits, its entries in the stripe cache. */
  #speakers(frame: ArrayFrame, stripe: number): void {
    const array = frame.name
    const from = stripe * frame.chunkSectors
    const to = from + frame.chunkSectors
    this.#add({ kind: 'stripe', array, stripe })
    if (frame.bitmap) {
      const { chunkSectors } = frame.bitmap
      const range = this.#array(array)?.map.syncRange(stripe) ?? { from, to }
      for (let chunk = Math.floor(range.from / chunkSectors); chunk * chunkSectors < range.to; chunk++) {
        this.#add({ kind: 'bit', array, chunk })
        this.#bitFields(frame, chunk)
      }
    }
    for (const { sector, bios } of frame.stripes) {
      if (sector < from || sector >= to) continue
      this.#add({ kind: 'entry', array, sector })
      for (const bio of bios) this.#add({ kind: 'bio', bio })
    }
  }

  #bit(array: string, chunk: number): void {
    const frame = this.#frame(array)
    if (!frame?.bitmap) return
    this.#bitFields(frame, chunk)
    const from = chunk * frame.bitmap.chunkSectors
    const rows = this.#array(array)?.map.rowsIn(from, from + frame.bitmap.chunkSectors) ?? []
    for (const row of rows.slice(0, ROWS_MARKED)) this.#row(array, row)
  }

  /** The byte in which a bit is, where the byte view shows a bitmap. */
  #bitFields(frame: ArrayFrame, chunk: number): void {
    const { disk, sector, fields } = this.#world.bytes
    if (!frame.members.some(({ name }) => name === disk)) return
    const field = fields.find(({ meaning, index }) => meaning === 'bits' && chunk >= index && chunk < index + 8)
    if (field) this.#add({ kind: 'field', disk, sector, name: field.name })
  }

  /** What the byte view shows, if it lies in a stretch of a disk. */
  #bytesOf(disk: string, from: number, sectors: number): void {
    const { bytes } = this.#world
    if (bytes.disk === disk && bytes.sector >= from && bytes.sector < from + sectors) {
      this.#add({ kind: 'sector', disk, sector: bytes.sector })
    }
  }

  #entry(array: string, sector: number): void {
    const frame = this.#frame(array)
    if (!frame) return
    const stripe = Math.floor(sector / frame.chunkSectors)
    const entry = frame.stripes.find((one) => one.sector === sector)
    this.#speakers(frame, stripe)
    // Those of its pages with which something is done; without it, all.
    for (let slot = 0; slot < frame.raidDisks; slot++) {
      if (!entry || entry.members[slot] !== 0) this.#add({ kind: 'chunk', array, stripe, slot })
    }
    for (const bio of entry?.bios ?? []) this.#causeOf(bio)
  }

  #member(array: string, slot: number): void {
    const member = this.#frame(array)?.members.find((one) => one.slot === slot)
    if (!member || member.name === '') return
    this.#add({ kind: 'disk', disk: member.name })
    this.#bytesOf(member.name, 0, member.dataOffset)
  }

  #wholeArray(array: string): void {
    for (const { name, slot } of this.#frame(array)?.members ?? []) {
      if (name !== '') this.#add({ kind: 'disk', disk: name })
      if (slot >= 0) this.#add({ kind: 'member', array, slot })
    }
  }

  #disk(disk: string): void {
    const found = this.#memberOf(disk)
    if (found) {
      this.#add({ kind: 'member', array: found[0].name, slot: found[1].slot })
      this.#add({ kind: 'array', array: found[0].name })
    }
    for (const fault of this.#world.picture.frame?.faults ?? []) {
      if (fault.disk === disk) this.#add({ kind: 'fault', fault: fault.id })
    }
    this.#bytesOf(disk, 0, Infinity)
  }

  #sector(disk: string, sector: number): void {
    this.#add({ kind: 'disk', disk })
    const found = this.#memberOf(disk)
    if (!found) return
    const [frame, { slot, dataOffset }] = found
    const stripe = Math.floor((sector - dataOffset) / frame.chunkSectors)
    if (stripe >= 0) this.#chunk(frame.name, stripe, slot)
    else this.#add({ kind: 'member', array: frame.name, slot })
  }

  #field(disk: string, sector: number, name: string): void {
    this.#add({ kind: 'disk', disk })
    const found = this.#memberOf(disk)
    if (!found) return
    const [frame, { slot }] = found
    const array = frame.name
    this.#add({ kind: 'member', array, slot })
    const field = this.#world.bytes.fields.find((one) => one.name === name)
    if (field?.meaning === 'bits' && frame.bitmap) {
      for (let chunk = field.index; chunk < Math.min(field.index + 8, frame.bitmap.counters.length); chunk++) {
        this.#add({ kind: 'bit', array, chunk })
        const stripe = Math.floor((chunk * frame.bitmap.chunkSectors) / frame.chunkSectors)
        this.#add({ kind: 'stripe', array, stripe })
      }
    } else if (name === 'resync_offset' && Number.isFinite(frame.resyncOffset)) {
      this.#add({ kind: 'stripe', array, stripe: Math.floor(frame.resyncOffset / frame.chunkSectors) })
    } else if (name === 'set_uuid' || name === 'set_name' || name === 'events') {
      this.#add({ kind: 'array', array })
    }
  }

  /** A bio: where it goes, and who caused it. */
  #bio(bio: number): void {
    const { picture } = this.#world
    for (const { id, device, sector } of picture.bios.chain(bio)) {
      this.#add({ kind: 'bio', bio: id })
      const name = deviceName(picture, device)
      if (this.#array(name)) this.#block(name, sector)
      else if (id === bio) this.#sector(name, sector)
    }
    this.#causeOf(bio)
  }

  /** The console line that a bio comes from. */
  #causeOf(bio: number): void {
    const { picture, lines } = this.#world
    for (const { id } of picture.bios.chain(bio)) this.#add({ kind: 'bio', bio: id })
    const cause = picture.causes[picture.bios.causeOf(bio)] as string | undefined
    if (!cause) return
    const line = lines.findLast(({ kind, text }) => kind === 'command' && text === cause)
    if (line) this.#add({ kind: 'line', line: line.key })
    const workload = picture.frame?.workloads.find(({ name }) => cause.split(' ').includes(name))
    if (workload) this.#add({ kind: 'workload', workload: workload.name })
  }

  #event(key: number): void {
    const event = this.#world.picture.timeline.events.find((one) => one.key === key)
    for (const about of event?.about ?? []) this.keys.add(about)
  }

  #eventsAbout(id: HoverId): void {
    const key = hoverKey(id)
    for (const event of this.#world.picture.timeline.events) {
      if (event.about.includes(key)) this.#add({ kind: 'event', event: event.key })
    }
  }

  /** A line: the devices it names, and the chunks that were last touched for it. */
  #line(key: number): void {
    const { picture, lines } = this.#world
    const line = lines.find((one) => one.key === key)
    if (!line || line.kind !== 'command') return
    for (const named of this.#namedIn(line.text)) this.#add(named)
    for (const place of placesOf(line.text)) this.#place(place)
    const cause = picture.causes.lastIndexOf(line.text)
    if (cause <= 0) return
    for (const [array, { field, flights }] of picture.arrays) {
      const touched = new Set(flights.filter(({ bio }) => picture.bios.causeOf(bio) === cause).map(({ bio }) => bio))
      for (const { row, slot, bio } of flights) {
        if (touched.has(bio) && row >= 0) this.#add({ kind: 'chunk', array, stripe: row, slot })
      }
      if (field.lastBio.length > CHUNKS_SEARCHED) continue
      field.lastBio.forEach((bio, chunk) => {
        if (bio === 0 || picture.bios.causeOf(bio) !== cause) return
        const stripe = Math.floor(chunk / field.slots)
        this.#add({ kind: 'chunk', array, stripe, slot: chunk % field.slots })
      })
    }
  }

  /** The chunks in which the sectors are that a line speaks of. */
  #place({ device, sector, sectors }: LinePlace): void {
    const own = this.#array(device)
    const [frame, member] = own ? [this.#frame(device)] : (this.#memberOf(device) ?? [])
    const field = frame && this.#array(frame.name)
    if (!frame || !field) return
    const array = frame.name
    const { chunkSectors } = frame
    const from = member ? sector - member.dataOffset : sector
    const last = Math.min(
      Math.floor((from + sectors - 1) / chunkSectors),
      Math.floor(from / chunkSectors) + CHUNKS_MARKED,
    )
    for (let chunk = Math.max(0, Math.floor(from / chunkSectors)); chunk <= last; chunk++) {
      const cells = member ? [{ row: chunk, slot: member.slot }] : field.map.cellsOf(chunk)
      for (const { row: stripe, slot } of cells) {
        if (stripe >= field.rows) continue
        this.#add({ kind: 'chunk', array, stripe, slot })
        this.#add({ kind: 'stripe', array, stripe })
      }
    }
  }

  /** Lines that speak of sectors. */
  #linesAbout(device: string, sector: number, sectors: number): void {
    for (const { kind, key, text } of this.#world.lines) {
      if (kind !== 'command') continue
      const isIt = placesOf(text).some((place) => place.device === device && overlaps(place, sector, sectors))
      if (isIt) this.#add({ kind: 'line', line: key })
    }
  }

  /** Lines that name a device by its name. */
  #linesNaming(id: HoverId): void {
    if (id.kind !== 'disk' && id.kind !== 'array' && id.kind !== 'mapped' && id.kind !== 'workload') return
    const key = hoverKey(id)
    for (const line of this.#world.lines) {
      if (line.kind !== 'command') continue
      if (this.#namedIn(line.text).some((named) => hoverKey(named) === key)) this.#add({ kind: 'line', line: line.key })
    }
  }

  #namedIn(text: string): HoverId[] {
    const { scene } = this.#world.picture
    const words = new Set(text.split(/[\s=]+/).map((word) => word.replace(/^\/dev\//, '')))
    return [
      ...scene.disks.filter(({ name }) => words.has(name)).map(({ name }) => ({ kind: 'disk', disk: name }) as const),
      ...scene.arrays
        .filter(({ name }) => words.has(name))
        .map(({ name }) => ({ kind: 'array', array: name }) as const),
      ...scene.mapped
        .filter(({ name }) => words.has(name) || words.has(`mapper/${name}`))
        .map(({ name }) => ({ kind: 'mapped', mapped: name }) as const),
      ...scene.workloads
        .filter(({ name }) => words.has(name))
        .map(({ name }) => ({ kind: 'workload', workload: name }) as const),
    ]
  }
}

/** The thing that a key names, where it is one. */
export function hoverOf(element: Element | null): HoverId | undefined {
  const key = element?.closest('[data-hover]')?.getAttribute('data-hover')
  return key ? parseHoverKey(key) : undefined
}
