/**
 * raid6check, of mdadm's own sources (Debian does not ship it): goes over the rows of a RAID-6 whose members are all there, and
 * says which block of a row is wrong if it is a single one; that one, or two that are named, can be made again from the others.
 * It reads and writes the members themselves, behind the array's back.
 * @source raid6check.c, mdadm 4.2
 * @differs the slots -1 and -2 of a repair are P and Q, as its manual says (the tool takes both for P); it does not hold back
 *   writers (the tool does, but names the array's sectors by a wrong unit); a page whose bytes accuse the place of P or Q in a DDF
 *   layout is one that cannot be located
 */
import { PAGE_BYTES } from '../base/memory.ts'
import { Geometry } from '../md/geometry.ts'
import type { NativeArray, NativeMember } from '../md/native_array.ts'
import { locateCorruption } from '../md/raid6_check.ts'
import { recoverLost, type Raid6Row } from '../md/raid6_math.ts'
import { setExponents } from '../md/raid6_parity.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { openFailure } from './line_run.ts'
import { findDevice, openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'

const USAGE = 'DEVICE START_STRIPE STRIPES [autorepair] | DEVICE repair STRIPE SLOT SLOT'

/** Exit statuses. Wrong rows are none of them: they are only told. */
const WRONG_USE = 1
const CANNOT_OPEN = 2
const NOT_RAID6 = 3
const BAD_NUMBER = 4
const CANNOT_OPEN_MEMBER = 6
const IO_FAILED = 7
const DEGRADED = 8
const NO_ARRAY = 9

const SLOT_P = -1
const SLOT_Q = -2

/** What is to be gone over, and what is to be done about it. */
interface Task {
  readonly first: number
  /** 0 for all up to the end. */
  readonly count: number
  readonly repair: 'none' | 'auto' | 'named'
  /** The slots that are taken for wrong, where they are named. */
  readonly slots: readonly number[]
}

class Raid6CheckRun extends CommandRun {
  private geometry: Geometry | null
  private chunkBytes: number
  private task: Task
  /** The row under way, and the first that is none any more. */
  private stripe: number
  private end: number
  private members: NativeMember[]
  private files: OpenFile[]
  private io: FileIo | null
  private buffer: number
  /** The slot that is being read or written. */
  private slot: number
  /** Pieces of the row that are still to be written: slots, and pages of them. */
  private writes: { readonly slot: number; readonly page: number; readonly bytes: number }[]

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.geometry = null
    this.chunkBytes = 0
    this.task = { first: 0, count: 0, repair: 'none', slots: [] }
    this.stripe = 0
    this.end = 0
    this.members = []
    this.files = []
    this.io = null
    this.buffer = 0
    this.slot = 0
    this.writes = []
  }

  override steps() {
    return RAID6CHECK_STEPS
  }

  begin(): string {
    const { argv, world } = this
    if (argv.length < 4) return this.refuse(`usage: raid6check ${USAGE}`, WRONG_USE)
    const path = argv[1]
    const device = findDevice(world.kernel, path)
    if (device === undefined) return this.refuse(`cannot open ${path}`, CANNOT_OPEN)
    const array = world.kernel.md.find(device.name)
    if (array === undefined) return this.refuse(`${path} is no array of md`, NO_ARRAY)
    const { geometry } = array
    if (!(geometry instanceof Geometry) || geometry.level !== 6) {
      return this.refuse(`${path} is not a RAID-6`, NOT_RAID6)
    }
    const members = array.slots.filter((member) => member !== null && !member.faulty) as NativeMember[]
    if (members.length < array.raidDisks) {
      return this.refuse(`${path} is degraded: all members are needed to tell which one is wrong`, DEGRADED)
    }
    this.geometry = geometry
    this.members = members
    this.chunkBytes = geometry.chunkSectors * 512
    const rows = Math.floor(array.memberSectors / geometry.chunkSectors)
    this.printShape(array, rows)
    const wrong = this.readTask()
    if (wrong !== null) return this.refuse(wrong, argv[2] === 'repair' && argv.length < 6 ? WRONG_USE : BAD_NUMBER)
    const { first, count } = this.task
    if (first > rows) this.stderr += `raid6check: start beyond disks size\n`
    this.stripe = Math.min(first, rows)
    this.end = count === 0 ? rows : Math.min(rows, this.stripe + count)
    this.buffer = this.sim.memory.allocate(array.raidDisks * this.chunkBytes)
    return 'open'
  }

  private printShape(array: NativeArray, rows: number): void {
    const { chunkBytes } = this
    this.print(`layout: ${array.layout}`)
    this.print(`disks: ${array.raidDisks}`)
    this.print(`component size: ${array.memberSectors * 512}`)
    this.print(`total stripes: ${rows}`)
    this.print(`chunk size: ${chunkBytes}\n`)
    this.members.forEach(({ name, slot, dataOffset, superblock }, index) => {
      const size = superblock.data_size * 512
      this.print(`disk: ${index} - offset: ${dataOffset * 512} - size: ${size} - name: /dev/${name} - slot: ${slot}`)
    })
    this.print('')
  }

  /** @returns what is wrong with the arguments, or null. */
  private readTask(): string | null {
    const [, , ...words] = this.argv
    const named = words[0] === 'repair'
    if (named && words.length < 4) return `usage: raid6check ${USAGE}`
    const bad = (named ? words.slice(1, 4) : words.slice(0, 2)).find((word, i) => !isNumber(word, named && i > 0))
    if (bad !== undefined) return `Bad number: ${bad}`
    if (!named) {
      const repair = words[2] === 'autorepair' ? 'auto' : 'none'
      this.task = { first: Number(words[0]), count: Number(words[1]), repair, slots: [] }
      return null
    }
    const slots = [Number(words[2]), Number(words[3])]
    const beyond = slots.find((slot) => slot >= this.members.length || slot < SLOT_Q)
    if (beyond !== undefined) return `there is no slot ${beyond}; -1 is P, -2 is Q`
    if (slots[0] === slots[1]) return 'the two slots are the same'
    this.task = { first: Number(words[1]), count: 1, repair: 'named', slots }
    return null
  }

  open(): string {
    const member = this.members[this.files.length]
    if (member === undefined) return 'row'
    const path = `/dev/${member.name}`
    const opened = openFile(this.world.kernel, path, { direct: true, write: true }, this.cause)
    if (!opened.ok) {
      this.refuse(`cannot open ${path}: ${openFailure(opened, path)}`, CANNOT_OPEN_MEMBER)
      return 'close'
    }
    this.files.push(opened.value)
    return 'open'
  }

  /** Begins with a row. */
  row(): string {
    if (this.stripe >= this.end) return 'close'
    this.slot = 0
    return 'read'
  }

  read(): string {
    const { slot, chunkBytes } = this
    this.io = this.files[slot].read(this.place(slot), chunkBytes, this.buffer + slot * chunkBytes)
    this.call(this.io)
    return 'got'
  }

  got(): string {
    if (this.io?.error !== null || this.io.count < this.chunkBytes) {
      this.refuse(`Failed to read complete chunk disk ${this.slot}, aborting`, IO_FAILED)
      return 'close'
    }
    this.slot++
    return this.slot < this.members.length ? 'read' : 'judge'
  }

  /** Where a member's chunk of this row begins, in bytes. */
  private place(slot: number): number {
    return this.members[slot].dataOffset * 512 + this.stripe * this.chunkBytes
  }

  judge(): string {
    const { geometry, task, sim, chunkBytes } = this
    if (geometry === null) return 'close'
    const exponents: number[] = []
    setExponents(exponents, geometry, this.stripe)
    const verdicts: number[] = []
    for (let page = 0; page < chunkBytes / PAGE_BYTES; page++) {
      const { verdict } = locateCorruption(sim.memory.arena, this.rowOf(exponents, page), PAGE_BYTES)
      verdicts.push(typeof verdict === 'number' ? verdict : -1)
      if (verdict === 'clean') continue
      const where = `Error detected at stripe ${this.stripe}, page ${page}`
      if (verdict === 'cannot locate') this.print(`${where}: disk slot unknown`)
      else {
        const name = `/dev/${this.members[verdict].name}`
        this.print(`${where}: possible failed disk slot ${exponents[verdict]}: ${verdict} --> ${name}`)
      }
    }
    if (task.repair === 'auto') this.repairLocated(exponents, verdicts)
    if (task.repair === 'named') this.repairNamed(exponents)
    return 'write'
  }

  /** @param page of the chunks */
  private rowOf(exponents: readonly number[], page: number): Raid6Row {
    return { exponents, addresses: exponents.map((_, slot) => this.address(slot, page)) }
  }

  private address(slot: number, page: number): number {
    return this.buffer + slot * this.chunkBytes + page * PAGE_BYTES
  }

  private repairLocated(exponents: readonly number[], verdicts: readonly number[]): void {
    verdicts.forEach((slot, page) => {
      if (slot < 0) return
      this.print(`Auto-repairing slot ${slot} (/dev/${this.members[slot].name})`)
      recoverLost(this.sim.memory.arena, this.rowOf(exponents, page), [slot], PAGE_BYTES)
      this.writes.push({ slot, page, bytes: PAGE_BYTES })
    })
  }

  private repairNamed(exponents: readonly number[]): void {
    const { chunkBytes, members, stripe } = this
    const slots = this.task.slots.map((slot) => (slot < 0 ? exponents.indexOf(slot) : slot))
    const [one, other] = slots.map((slot) => `${slot} (/dev/${members[slot].name})`)
    this.print(`Repairing stripe ${stripe}`)
    this.print(`Assuming slots ${one} and ${other} are incorrect`)
    const kinds = slots.map((slot) => exponents[slot])
    const data = kinds.find((kind) => kind >= 0)
    if (kinds.includes(SLOT_Q)) this.print(`Repairing D/P(${data ?? SLOT_P}) and Q`)
    else if (kinds.includes(SLOT_P)) this.print(`Repairing D(${data}) and P`)
    else this.print('Repairing D and D')
    recoverLost(this.sim.memory.arena, this.rowOf(exponents, 0), slots, chunkBytes)
    for (const slot of slots) this.writes.push({ slot, page: 0, bytes: chunkBytes })
  }

  write(): string {
    const next = this.writes.shift()
    if (next === undefined) {
      this.stripe++
      return 'row'
    }
    const { slot, page, bytes } = next
    this.io = this.files[slot].write(this.place(slot) + page * PAGE_BYTES, bytes, this.address(slot, page))
    this.call(this.io)
    return 'written'
  }

  written(): string {
    if (this.io?.error === null) return 'write'
    this.refuse('Failed to write a full chunk.', IO_FAILED)
    return 'close'
  }

  close(): string {
    const file = this.files.pop()
    if (file !== undefined) {
      this.call(file.close())
      return 'close'
    }
    this.sim.memory.free(this.buffer)
    return DONE
  }
}

const RAID6CHECK_STEPS = {
  begin: (run: Raid6CheckRun) => run.begin(),
  open: (run: Raid6CheckRun) => run.open(),
  row: (run: Raid6CheckRun) => run.row(),
  read: (run: Raid6CheckRun) => run.read(),
  got: (run: Raid6CheckRun) => run.got(),
  judge: (run: Raid6CheckRun) => run.judge(),
  write: (run: Raid6CheckRun) => run.write(),
  written: (run: Raid6CheckRun) => run.written(),
  close: (run: Raid6CheckRun) => run.close(),
}

/** @param isSlot P and Q are slots, too: -1 and -2 */
function isNumber(word: string, isSlot: boolean): boolean {
  return (isSlot ? /^-?\d{1,15}$/ : /^\d{1,15}$/).test(word)
}

export const RAID6CHECK: CommandSpec = {
  name: 'raid6check',
  family: 'linux',
  usage: USAGE,
  summary: 'Says which block of a RAID-6 row is wrong, and makes it again from the others if told to.',
  begin: (world, invocation) => new Raid6CheckRun(world, invocation),
}
