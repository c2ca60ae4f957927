/**
 * Stories of a raid target: a table the kernel takes, and what happens to the set afterwards.
 *
 * What depends on real time in the kernel is left out here, and only that:
 * - a look at a set while a sync action runs, and a failure, a suspend or a removal in the middle of one;
 * - bits and counts of events of a set that is written without waiting for its calm, or one of whose legs fails: the failed one is tried
 *   again at each resume, and how many updates that takes is another number every time. Such scripts are `loose bitmap`;
 * - which copy of a mirror is read when copies differ: that depends on the requests under way. Sets whose copies differ are not
 *   read before a repair has made them equal;
 * - sync actions and failures of a set without metadata devices: sooner or later Linux 6.1 waits for ever for superblocks to be
 *   written;
 * - the first resync of a raid10 over dm-dust, at which the kernel dies.
 */
import type { Deed, FuzzCase } from './fuzz_case.ts'
import type { Dice } from './fuzz_dice.ts'
import { wrongTable } from './fuzz_mistakes.ts'
import {
  dataDevice,
  LEG_BYTES,
  LETTERS,
  lossesBorne,
  newTable,
  tableLine,
  withoutParameter,
  withParameter,
  withPlace,
  type RaidTable,
} from './fuzz_tables.ts'
import { writeLine, readLines } from './fuzz_transfers.ts'

const DEVICE = '/dev/mapper/r'

/** A layer below one leg, through which its failures come. */
interface Wrapper {
  readonly name: string
  readonly leg: number
  readonly kind: 'linear' | 'dust'
  /** The device below, and its size. */
  readonly device: string
  readonly sectors: number
}

/** A case with tables that are mostly refused. */
export function wrongTables(dice: Dice, name: string): FuzzCase {
  const deeds: Deed[] = []
  const kinds: string[] = []
  for (let i = dice.between(2, 5); i > 0; i--) {
    const { mistake, line } = wrongTable(dice)
    kinds.push(mistake)
    deeds.push([`dmsetup create r --table '${line}'`])
  }
  const ending = ['settle', 'dmsetup status r', 'dmsetup table r', 'dmsetup remove r']
  return { name, kind: `wrong table: ${kinds.join(', ')}`, disks: disks(6), header: LOOSE, cut: null, deeds, ending }
}

/** A case about a set that lives. */
export function raidStory(dice: Dice, name: string): FuzzCase {
  return new RaidStory(dice).tell(name)
}

/** A case whose disks a power cut left behind. */
export function raidCut(dice: Dice, name: string, cutIn: 'simulator' | 'kernel'): FuzzCase {
  return new RaidStory(dice).tellCut(name, cutIn)
}

const LOOSE = ['#! loose bitmap']

function disks(legs: number, isBlank = false): string[] {
  const size = `${LEG_BYTES >> 10}K`
  const letters = [...LETTERS.slice(0, legs)]
  return [
    ...letters.map((letter, i) => `#! disk ${letter} ${size} ${isBlank ? 'zero' : `pattern ${i + 1}`}`),
    ...letters.map((letter) => `#! disk m${letter} 64K zero`),
    `#! disk src ${size} pattern 100`,
  ]
}

class RaidStory {
  private readonly dice: Dice
  private table: RaidTable
  private readonly wrapper: Wrapper | null
  private readonly deeds: Deed[] = []
  /** Whether every write is waited for, so that bits and events can be compared. */
  private readonly strict: boolean
  /** A set without metadata has no sync actions and no failures. */
  private readonly isBare: boolean
  /** Whether the disks begin with zeros, so that copies of a mirror are equal though nothing has been synced. */
  private readonly isBlank: boolean
  /** Whether copies of a mirror may differ, so that nobody knows which one is read. */
  private torn: boolean
  private failing = false

  constructor(dice: Dice) {
    this.dice = dice
    this.table = newTable(dice)
    this.isBare = this.table.places.some(([meta]) => meta === '-')
    this.wrapper = !this.isBare && dice.percent(35) ? this.wrap() : null
    this.strict = dice.percent(this.wrapper === null ? 40 : 0)
    const unsynced = this.isBare || this.table.parameters.some(([word]) => word === 'nosync')
    this.isBlank = unsynced && this.isMirror() && dice.percent(70)
    this.torn = unsynced && this.isMirror() && !this.isBlank
  }

  private wrap(): Wrapper {
    const leg = this.dice.between(0, this.table.places.length - 1)
    const kind = this.table.level !== 10 && this.table.level !== 0 && this.dice.percent(35) ? 'dust' : 'linear'
    const letter = LETTERS[leg]!
    const [meta] = this.table.places[leg]!
    // Now and then it is the metadata device that will fail.
    if (kind === 'linear' && meta !== '-' && this.dice.percent(15)) {
      const name = `wm${letter}`
      this.table = withPlace(this.table, leg, `/dev/mapper/${name}`, dataDevice(leg))
      return { name, leg, kind, device: meta, sectors: 128 }
    }
    const name = `w${letter}`
    this.table = withPlace(this.table, leg, meta, `/dev/mapper/${name}`)
    return { name, leg, kind, device: dataDevice(leg), sectors: LEG_BYTES / 512 }
  }

  tell(name: string): FuzzCase {
    this.wrapFirst()
    this.activate()
    if (this.dice.percent(30)) this.reactivate()
    for (let i = this.dice.between(1, 4); i > 0; i--) this.act()
    return {
      name,
      kind: this.kind(),
      disks: disks(this.table.places.length, this.isBlank),
      header: this.strict ? [] : LOOSE,
      cut: null,
      deeds: this.deeds,
      ending: this.ending(),
    }
  }

  tellCut(name: string, cutIn: 'simulator' | 'kernel'): FuzzCase {
    const { dice } = this
    this.wrapFirst()
    const armed =
      cutIn === 'kernel'
        ? `power cut --after ${dice.pick(['0ms', '20ms', '60ms', '150ms', '400ms'])}`
        : `power cut --after-writes ${dice.between(1, dice.pick([8, 30, 90]))} --keep ${dice.pick(['none', 'all', 'random'])}`
    const early = cutIn === 'simulator' && this.table.level !== 0 && dice.percent(20)
    if (early) {
      this.deeds.push([armed, `dmsetup create r --table '${tableLine(this.table)}'`, 'settle', this.longWrite()])
    } else {
      this.activate()
      if (dice.percent(70)) this.reactivate()
      if (dice.percent(25) && this.canLose()) this.reactivateWithout()
      this.deeds.push([armed, this.longWrite(), this.longWrite(), ...(cutIn === 'kernel' ? ['sleep 1'] : [])])
    }
    const cut = { cutIn, deeds: [...this.deeds] }
    this.deeds.length = 0
    // What the table asked of a new set it does not ask of one that exists.
    this.table = withoutParameter(withoutParameter(this.table, 'nosync'), 'rebuild')
    this.wrapFirst()
    this.torn = this.isMirror()
    this.activate()
    if (!this.isBare) this.sync('check')
    for (let i = dice.between(0, 2); i > 0; i--) this.act()
    return {
      name,
      kind: `${this.kind()}, cut in the ${cutIn}`,
      disks: disks(this.table.places.length, this.isBlank),
      header: LOOSE,
      cut,
      deeds: this.deeds,
      ending: this.ending(),
    }
  }

  private kind(): string {
    return this.table.places.every(([meta]) => meta === '-') ? `${this.table.type} bare` : this.table.type
  }

  private ending(): Deed {
    const lines = ['settle', 'dmsetup status r', 'dmsetup remove r']
    return this.wrapper === null ? lines : [...lines, `dmsetup remove ${this.wrapper.name}`]
  }

  private wrapFirst(): void {
    if (this.wrapper === null) return
    this.deeds.push([`dmsetup create ${this.wrapper.name} --table '${this.wrapperTable('sound')}'`])
    this.failing = false
  }

  private wrapperTable(state: 'sound' | 'error' | 'no writes'): string {
    const { kind, device, sectors } = this.wrapper!
    if (state === 'error') return `0 ${sectors} error`
    if (state === 'no writes') return `0 ${sectors} flakey ${device} 0 0 1 1 error_writes`
    return kind === 'dust' ? `0 ${sectors} dust ${device} 0 512` : `0 ${sectors} linear ${device} 0`
  }

  private activate(): void {
    this.deeds.push([
      `dmsetup create r --table '${tableLine(this.table)}'`,
      'settle',
      'dmsetup status r',
      'dmsetup table r',
    ])
  }

  private calm(): string[] {
    return this.strict ? ['settle'] : []
  }

  private write(): string {
    // A part of a page that is written through the cache is read first.
    return writeLine(this.dice, DEVICE, this.table.lengthSectors, this.torn)
  }

  /** Between two writes the set may become clean, or not yet: that shows in the counts of events. */
  private writes(count: number): string[] {
    return Array.from({ length: count }, () => [this.write(), ...this.calm()]).flat()
  }

  private longWrite(): string {
    const bs = this.dice.pick([4, 8, 20, 64])
    const blocks = Math.floor(this.table.lengthSectors / 2 / bs)
    const seek = this.dice.between(0, Math.max(0, Math.floor(blocks / 2)))
    const count = Math.max(1, Math.min(blocks - seek, Math.floor(LEG_BYTES / 1024 / bs)))
    return `dd if=/dev/src of=${DEVICE} bs=${bs}k count=${count} seek=${seek} oflag=direct conv=nocreat`
  }

  private canLose(): boolean {
    return lossesBorne(this.table) > 0 && this.table.level !== 0
  }

  private isMirror(): boolean {
    return this.table.level === 1 || this.table.level === 10
  }

  /** What a reader gets, where that can be known. */
  private look(lines: () => readonly string[]): void {
    this.deeds.push(this.torn ? [`blockdev --getsz ${DEVICE}`] : lines())
  }

  private act(): void {
    const { dice, table, isBare } = this
    const isRedundant = table.level !== 0
    const loses = this.canLose() && !isBare
    const readings: readonly (readonly [number, () => void])[] = [
      [6, () => this.look(() => readLines(dice, DEVICE, table.lengthSectors))],
      [7, () => this.look(() => [`sha256sum ${DEVICE}`])],
      [2, () => this.deeds.push([`blockdev --getsz ${DEVICE}`, 'dmsetup table r'])],
    ]
    const act = dice.weighted<() => void>([
      ...readings,
      [24, () => this.deeds.push([this.write(), ...this.calm()])],
      [8, () => this.deeds.push(this.writes(3))],
      [isBare ? 0 : 8, () => this.sync('check')],
      [isBare ? 0 : 5, () => this.sync('repair')],
      [isRedundant ? 7 : 1, () => this.spoil()],
      [isBare ? 0 : isRedundant ? 4 : 2, () => this.messages()],
      [isBare ? 0 : 4, () => this.suspend()],
      [isBare ? 0 : 3, () => this.reload()],
      [6, () => this.reactivate()],
      [loses ? 5 : 0, () => this.rebuild()],
      [loses ? 5 : 0, () => this.reactivateWithout()],
      [this.wrapper === null ? 0 : 22, () => this.failOrHeal()],
      [3, () => this.deeds.push([`dmsetup load r --table '${wrongTable(dice).line}'`, 'dmsetup clear r'])],
    ])
    act()
  }

  private sync(action: string): void {
    if (action === 'repair' && !this.failing) this.torn = false
    this.deeds.push(['settle', `dmsetup message r 0 ${action}`, 'settle', 'dmsetup status r'])
  }

  /** Other bytes on a leg, behind the set's back. */
  private spoil(): void {
    const { dice } = this
    if (this.isMirror()) this.torn = true
    const leg = dice.between(0, this.table.places.length - 1)
    const count = dice.between(1, 3)
    const seek = dice.between(0, Math.max(0, Math.floor(this.table.legSectors / 8) - count))
    const line = `dd if=/dev/src of=${dataDevice(leg)} bs=4k count=${count} seek=${seek} skip=${dice.between(0, 200)} oflag=direct`
    this.deeds.push(['settle', line])
  }

  private messages(): void {
    const { dice } = this
    const word = dice.pick(['resync', 'recover', 'idle', 'bogus', 'IDLE', "''", 'check now'])
    if (dice.percent(50)) this.deeds.push([`dmsetup message r 0 ${word}`, 'settle', 'dmsetup status r'])
    else {
      this.deeds.push([
        'settle',
        'dmsetup message r 0 frozen',
        'dmsetup status r',
        ...(dice.percent(50) ? [this.write(), ...this.calm()] : []),
        `dmsetup message r 0 ${dice.pick(['idle', 'check', 'idle'])}`,
        'settle',
        'dmsetup status r',
      ])
    }
  }

  private suspend(): void {
    this.deeds.push([
      'settle',
      'dmsetup suspend r',
      'dmsetup status r',
      'dmsetup resume r',
      'settle',
      'dmsetup status r',
    ])
  }

  private reload(): void {
    const line = `dmsetup load r --table '${tableLine(this.laterTable())}'`
    const lines = this.dice.percent(50) ? ['dmsetup suspend r', line] : [line, 'dmsetup status r --inactive']
    this.deeds.push(['settle', ...lines, 'dmsetup resume r', 'settle', 'dmsetup status r', 'dmsetup table r'])
  }

  /** The same set once more, now and then with another word in its table. */
  private laterTable(): RaidTable {
    const { dice, table } = this
    const plain = dice.percent(60) ? withoutParameter(table, 'nosync') : table
    if (table.level === 0 || !dice.percent(20)) return plain
    const regions = [8, 16, 64, 128, 512, 1024].filter(
      (size) => size >= table.chunkSectors && size <= table.lengthSectors,
    )
    if (regions.length === 0) return plain
    return withParameter(withoutParameter(plain, 'region_size'), 'region_size', String(dice.pick(regions)))
  }

  private reactivate(table = this.laterTable()): void {
    this.deeds.push([
      'settle',
      'dmsetup remove r',
      `dmsetup create r --table '${tableLine(table)}'`,
      'settle',
      'dmsetup status r',
    ])
  }

  /** A leg gets other contents, and is built anew. */
  private rebuild(): void {
    const { dice } = this
    const table = withoutParameter(this.table, 'nosync')
    const legs = dice.some([...table.places.keys()], dice.between(1, dice.percent(80) ? 1 : 2))
    this.deeds.push([
      'settle',
      'dmsetup remove r',
      ...(dice.percent(50) ? legs.map((leg) => `dd if=/dev/src of=${dataDevice(leg)} bs=64k oflag=direct`) : []),
      `dmsetup create r --table '${tableLine(legs.reduce((all, leg) => withParameter(all, 'rebuild', String(leg)), table))}'`,
      'settle',
      'dmsetup status r',
      'dmsetup table r',
    ])
  }

  /** Without a leg for a while, and with it again. */
  private reactivateWithout(): void {
    const { dice } = this
    const table = withoutParameter(this.table, 'nosync')
    const leg = dice.between(0, table.places.length - 1)
    const two = lossesBorne(table) > 1 && dice.percent(30) ? (leg + 1) % table.places.length : leg
    this.deeds.push([
      'settle',
      'dmsetup remove r',
      `dmsetup create r --table '${tableLine(withPlace(withPlace(table, leg, '-', '-'), two, '-', '-'))}'`,
      'settle',
      'dmsetup status r',
      this.write(),
      ...(dice.percent(40) && !this.torn ? [`sha256sum ${DEVICE}`] : []),
    ])
    if (dice.percent(75)) this.reactivate(table)
  }

  private failOrHeal(): void {
    const { dice } = this
    const { name, kind } = this.wrapper!
    const turn = (state: 'sound' | 'error' | 'no writes'): string[] => [
      `dmsetup load ${name} --table '${this.wrapperTable(state)}'`,
      `dmsetup suspend ${name}`,
      `dmsetup resume ${name}`,
    ]
    if (kind === 'dust' && !this.failing) {
      const sectors = dice.some([...Array(Math.floor(this.table.legSectors / 2)).keys()], dice.between(1, 4))
      this.failing = true
      this.deeds.push([
        'settle',
        ...sectors.map((sector) => `dmsetup message ${name} 0 addbadblock ${sector}`),
        `dmsetup message ${name} 0 enable`,
        ...(this.torn ? [] : readLines(dice, DEVICE, this.table.lengthSectors)),
        'settle',
        `dmsetup message ${name} 0 countbadblocks`,
        'dmsetup status r',
      ])
    } else if (kind === 'dust') {
      this.deeds.push(['settle', `dmsetup message ${name} 0 ${dice.pick(['countbadblocks', 'disable', 'enable'])}`])
    } else if (!this.failing) {
      this.failing = true
      const after = this.torn || dice.percent(70) ? this.writes(2) : [`sha256sum ${DEVICE}`]
      this.deeds.push([
        'settle',
        ...turn(dice.percent(70) ? 'error' : 'no writes'),
        ...after,
        'settle',
        'dmsetup status r',
      ])
    } else {
      this.failing = false
      const back = dice.percent(60)
        ? ['dmsetup suspend r', 'dmsetup resume r']
        : ['dmsetup remove r', `dmsetup create r --table '${tableLine(withoutParameter(this.table, 'nosync'))}'`]
      this.deeds.push(['settle', ...turn('sound'), ...back, 'settle', 'dmsetup status r'])
    }
  }
}
