/**
 * Stories of native arrays: mdadm makes one, things happen to it, it is stopped and assembled again.
 *
 * What depends on real time in the kernel is left out, and only that: a look or a failure while a sync runs; the bits that
 * lazy clearing has reached (`loose bitmap`); which copy of a mirror is read when copies differ (such arrays are not read before a
 * repair). A check over dm-dust meets its sectors in the first half of a member: which of
 * the last pages of a pass the superblocks count is a race. Options of mdadm that the simulator does not have (--size,
 * --write-behind, ...) are not given with a sound value: it refuses them as unknown.
 */
import type { Deed, FuzzCase } from './fuzz_case.ts'
import type { Dice } from './fuzz_dice.ts'
import { newArray, type NewArray } from './fuzz_arrays.ts'
import { readLines, writeLine } from './fuzz_transfers.ts'

const DEVICE = '/dev/md0'
const MEMBER_SECTORS = 8192
/** At least so much of a member is data. */
const DATA_SECTORS = 4096
/** Where data begins on a member of this size, by the version of the superblock; that of 1.0 lies behind the data. */
const DATA_OFFSET_SECTORS: Readonly<Record<string, number>> = { '1.0': 0, '1.1': 2048, '1.2': 2048 }

/** Words of --create that are wrong, or that the level does not know. */
const WRONG_WORDS = [
  '--chunk=3',
  '--chunk=0',
  '--chunk=6',
  '--chunk=word',
  '--chunk=8192',
  '--layout=bogus',
  '--layout=n5',
  '--layout=f2',
  '--layout=ls',
  '--layout=ddf-zero-restart',
  '--bitmap=bogus',
  '--bitmap-chunk=3K',
  '--bitmap-chunk=1K',
  '--metadata=7',
  '--level=99',
  '--level=raid5x',
  '--raid-devices=0',
  '--raid-devices=1',
  '--raid-devices=9',
  '--raid-devices=x',
  '--spare-devices=1',
  '--spare-devices=x',
  '--size=word',
  '--nosuch',
  '--uuid=short',
  '--write-behind=x',
] as const

/** A case with arrays that are mostly refused. */
export function wrongArrays(dice: Dice, name: string): FuzzCase {
  const deeds: Deed[] = []
  for (let i = dice.between(2, 4); i > 0; i--) {
    const { words, members } = newArray(dice)
    const at = dice.between(0, words.length)
    const wrong = [...words.slice(0, at), dice.pick(WRONG_WORDS), ...words.slice(at)]
    const devices = dice.weighted<string[]>([
      [6, members],
      [1, members.slice(1)],
      [1, [...members, '/dev/g']],
      [1, [...members.slice(1), '/dev/nosuch']],
      [1, [...members.slice(1), members[1] ?? members[0]!]],
      [1, members.map(() => 'missing')],
    ])
    deeds.push([`mdadm --create ${DEVICE} --run ${[...wrong, ...devices].join(' ')}`])
  }
  return {
    name,
    kind: 'wrong array',
    disks: disks(),
    header: LOOSE,
    cut: null,
    deeds,
    ending: ['settle', 'cat /proc/mdstat', `mdadm --stop ${DEVICE}`],
  }
}

export function nativeStory(dice: Dice, name: string): FuzzCase {
  return new NativeStory(dice).tell(name)
}

export function nativeCut(dice: Dice, name: string, cutIn: 'simulator' | 'kernel'): FuzzCase {
  return new NativeStory(dice).tellCut(name, cutIn)
}

const LOOSE = ['#! loose bitmap']

function disks(count = 7, isBlank = false): string[] {
  const fill = (i: number): string => (isBlank ? 'zero' : `pattern ${i + 1}`)
  return [
    ...[...'abcdefg'.slice(0, count)].map((letter, i) => `#! disk ${letter} ${MEMBER_SECTORS / 2}K ${fill(i)}`),
    '#! disk src 1M pattern 100',
  ]
}

class NativeStory {
  private readonly dice: Dice
  private readonly array: NewArray
  private readonly deeds: Deed[] = []
  /** A layer below one member, through which its failures come. */
  private readonly wrapper: { name: string; device: string; kind: 'linear' | 'dust' } | null
  private failing = false
  /** Disks there are: those of the array, and one more. */
  private readonly disks: number
  /** Whether the disks begin with zeros, so that copies of a mirror are equal though nothing has been synced. */
  private readonly isBlank: boolean
  /** Whether copies of a mirror may differ, so that nobody knows which one is read. */
  private torn: boolean
  /** Devices that are in the array as far as anybody knows, failed ones, and those outside. */
  private inside: string[]
  private failed: string[] = []
  private outside: string[]

  constructor(dice: Dice) {
    this.dice = dice
    const array = newArray(dice)
    this.wrapper = dice.percent(30) ? wrapSome(dice, array) : null
    this.array = array
    const unsynced = this.isMirror() && (array.words.includes('--assume-clean') || array.missing > 0)
    this.isBlank = unsynced && dice.percent(70)
    this.torn = unsynced && !this.isBlank
    this.inside = [...array.members, ...array.spares].filter((device) => device !== 'missing')
    const used = new Set(this.inside.map((device) => device.replace('mapper/w', '')))
    this.disks = Math.min(7, array.members.length + array.spares.length + 1)
    this.outside = [...'abcdefg'.slice(0, this.disks)]
      .map((letter) => `/dev/${letter}`)
      .filter((device) => !used.has(device))
  }

  tell(name: string): FuzzCase {
    const { dice } = this
    this.wrapFirst()
    this.create()
    if (dice.percent(25)) this.restart(this.inside)
    for (let i = dice.between(1, 4); i > 0; i--) this.act()
    return {
      name,
      kind: this.kind(),
      disks: disks(this.disks, this.isBlank),
      header: LOOSE,
      cut: null,
      deeds: this.deeds,
      ending: this.ending(),
    }
  }

  tellCut(name: string, cutIn: 'simulator' | 'kernel'): FuzzCase {
    const { dice, array } = this
    this.wrapFirst()
    const armed =
      cutIn === 'kernel'
        ? `power cut --after ${dice.pick(['0ms', '20ms', '60ms', '150ms', '400ms'])}`
        : `power cut --after-writes ${dice.between(1, dice.pick([8, 30, 90]))} --keep ${dice.pick(['none', 'all', 'random'])}`
    if (cutIn === 'simulator' && array.level !== 0 && dice.percent(20)) {
      this.deeds.push([armed, this.createLine(), 'settle', this.longWrite(), this.longWrite()])
    } else {
      this.create()
      if (dice.percent(60)) this.restart(this.inside)
      if (dice.percent(25) && array.level !== 0 && array.missing === 0) this.failAndRemove()
      this.deeds.push([armed, this.longWrite(), this.longWrite(), ...(cutIn === 'kernel' ? ['sleep 1'] : [])])
    }
    const cut = { cutIn, deeds: [...this.deeds] }
    this.deeds.length = 0
    this.wrapFirst()
    this.deeds.push([
      `mdadm --assemble ${dice.percent(30) ? '--run ' : ''}${DEVICE} ${this.inside.join(' ')}`,
      'settle',
      'cat /proc/mdstat',
      ...this.read(() => [`sha256sum ${DEVICE}`]),
    ])
    if (array.level !== 0) this.sync('check')
    for (let i = dice.between(0, 2); i > 0; i--) this.act()
    const kind = `${this.kind()}, cut in the ${cutIn}`
    return {
      name,
      kind,
      disks: disks(this.disks, this.isBlank),
      header: LOOSE,
      cut,
      deeds: this.deeds,
      ending: this.ending(),
    }
  }

  private kind(): string {
    return `md raid${this.array.level}`
  }

  private ending(): Deed {
    const lines = ['settle', 'cat /proc/mdstat', `mdadm --stop ${DEVICE}`]
    return this.wrapper === null ? lines : [...lines, `dmsetup remove ${this.wrapper.name}`]
  }

  private wrapFirst(): void {
    if (this.wrapper === null) return
    this.failing = false
    this.deeds.push([`dmsetup create ${this.wrapper.name} --table '${this.wrapperTable('sound')}'`])
  }

  private wrapperTable(state: 'sound' | 'error' | 'no writes'): string {
    const { device, kind } = this.wrapper!
    if (state === 'error') return `0 ${MEMBER_SECTORS} error`
    if (state === 'no writes') return `0 ${MEMBER_SECTORS} flakey ${device} 0 0 1 1 error_writes`
    return kind === 'dust' ? `0 ${MEMBER_SECTORS} dust ${device} 0 512` : `0 ${MEMBER_SECTORS} linear ${device} 0`
  }

  private createLine(): string {
    const { words, members, spares } = this.array
    return `mdadm --create ${DEVICE} ${words.join(' ')} --run ${[...members, ...spares].join(' ')}`
  }

  private create(): void {
    this.deeds.push([this.createLine(), 'settle', 'cat /proc/mdstat'])
  }

  private restart(devices: readonly string[], word = ''): void {
    this.deeds.push([
      'settle',
      `mdadm --stop ${DEVICE}`,
      `mdadm --assemble ${word}${DEVICE} ${devices.join(' ')}`,
      'settle',
      'cat /proc/mdstat',
    ])
  }

  private dataOffset(): number {
    return DATA_OFFSET_SECTORS[this.array.metadata]!
  }

  private isMirror(): boolean {
    return this.array.level === 1 || this.array.level === 10
  }

  private write(): string {
    // A part of a page that is written through the cache is read first.
    return writeLine(this.dice, DEVICE, this.array.dataSectors, this.torn)
  }

  /** What a reader gets, where that can be known. */
  private read(lines: () => readonly string[]): readonly string[] {
    return this.torn ? [`blockdev --getsz ${DEVICE}`] : lines()
  }

  private longWrite(): string {
    const bs = this.dice.pick([4, 8, 20, 64])
    const blocks = Math.floor(this.array.dataSectors / 2 / bs)
    const seek = this.dice.between(0, Math.max(0, Math.floor(blocks / 2)))
    const count = Math.max(1, Math.min(blocks - seek, Math.floor(1024 / bs)))
    return `dd if=/dev/src of=${DEVICE} bs=${bs}k count=${count} seek=${seek} oflag=direct conv=nocreat`
  }

  private act(): void {
    const { dice, array } = this
    const redundant = array.level !== 0
    const act = dice.weighted<() => void>([
      // Between two writes the array may become clean, or not yet: that shows in what the bitmap says of events.
      [20, () => this.deeds.push([this.write(), 'settle'])],
      [6, () => this.deeds.push([this.write(), 'settle', this.write(), 'settle'])],
      [5, () => this.deeds.push(this.read(() => readLines(dice, DEVICE, array.dataSectors)))],
      [6, () => this.deeds.push(this.read(() => [`sha256sum ${DEVICE}`]))],
      [redundant ? 8 : 1, () => this.sync('check')],
      [redundant ? 4 : 1, () => this.sync('repair')],
      [redundant ? 6 : 1, () => this.spoil()],
      [redundant ? 10 : 2, () => this.failAndRemove()],
      [redundant ? 9 : 1, () => this.addBack()],
      [redundant ? 6 : 1, () => this.replace()],
      [6, () => this.restart(this.inside)],
      [redundant ? 5 : 1, () => this.restartWithout()],
      [this.wrapper === null ? 0 : 16, () => this.failOrHeal()],
      [4, () => this.look()],
      [3, () => this.misuse()],
    ])
    act()
  }

  private sync(action: string): void {
    if (action === 'repair' && !this.failing && this.failed.length === 0) this.torn = false
    this.deeds.push([
      'settle',
      `echo ${action} > /sys/block/md0/md/sync_action`,
      'settle',
      'cat /sys/block/md0/md/mismatch_cnt',
    ])
  }

  private spoil(): void {
    const { dice } = this
    if (this.isMirror()) this.torn = true
    const device = dice.pick(this.inside.length > 0 ? this.inside : ['/dev/a']).replace('mapper/w', '')
    const count = dice.between(1, 3)
    const seek = this.dataOffset() / 8 + dice.between(0, DATA_SECTORS / 8 - count)
    this.deeds.push([
      'settle',
      `dd if=/dev/src of=${device} bs=4k count=${count} seek=${seek} skip=${dice.between(0, 200)} oflag=direct`,
    ])
  }

  private failAndRemove(): void {
    const { dice } = this
    if (this.inside.length === 0) return
    const device = dice.pick(this.inside)
    const lines = ['settle', `mdadm --fail ${DEVICE} ${device}`, 'settle']
    if (dice.percent(75)) {
      lines.push(`mdadm --remove ${DEVICE} ${device}`)
      this.outside.push(device)
    } else this.failed.push(device)
    this.inside = this.inside.filter((one) => one !== device)
    this.deeds.push([...lines, 'cat /proc/mdstat', ...(dice.percent(60) ? [this.write()] : [])])
  }

  private addBack(): void {
    const { dice, array } = this
    if (this.failed.length > 0 && dice.percent(70)) {
      const device = this.failed.shift()!
      this.outside.push(device)
      this.deeds.push([`mdadm --remove ${DEVICE} ${device}`])
    }
    if (this.outside.length === 0) return
    const device = dice.percent(60) ? this.outside.at(-1)! : dice.pick(this.outside)
    const how = dice.weighted([
      [5, '--add'],
      [4, '--re-add'],
      [1, '--add-spare'],
    ])
    this.outside = this.outside.filter((one) => one !== device)
    this.inside.push(device)
    // A bitmap whose superblock is gone has an identity that no comparison knows: it goes, too.
    const isForgotten = array.metadata === '1.2' && dice.percent(10)
    const forget = [
      `mdadm --zero-superblock ${device}`,
      `dd if=/dev/src of=${device} bs=4k count=1 seek=2 oflag=direct`,
    ]
    const first = isForgotten ? forget : []
    this.deeds.push(['settle', ...first, `mdadm ${how} ${DEVICE} ${device}`, 'settle', 'cat /proc/mdstat'])
  }

  /** One device takes another's place while that one still works; where there is no spare, mdadm or the kernel says so. */
  private replace(): void {
    const { dice } = this
    if (this.inside.length === 0) return
    const old = dice.pick(this.inside)
    const fresh = this.outside.pop()
    const lines = fresh === undefined ? [] : [`mdadm --add ${DEVICE} ${fresh}`, 'settle']
    const place = fresh !== undefined && dice.percent(50) ? ` --with ${fresh}` : ''
    this.deeds.push([
      'settle',
      ...lines,
      `mdadm ${DEVICE} --replace ${old}${place}`,
      'settle',
      'cat /proc/mdstat',
      ...(dice.percent(60) ? [this.write()] : []),
    ])
    if (fresh === undefined) return
    this.inside = [...this.inside.filter((one) => one !== old), fresh]
    this.failed.push(old)
  }

  private restartWithout(): void {
    const { dice } = this
    if (this.inside.length < 2) return
    const left = dice.pick(this.inside)
    const word = dice.pick(['--run ', '--run ', '', '--force --run '])
    this.restart(
      this.inside.filter((device) => device !== left),
      word,
    )
    this.inside = this.inside.filter((device) => device !== left)
    this.outside.push(left)
    if (dice.percent(60)) this.deeds.push([this.write()])
  }

  private failOrHeal(): void {
    const { dice, array } = this
    const { name, kind } = this.wrapper!
    const turn = (state: 'sound' | 'error' | 'no writes'): string[] => [
      `dmsetup load ${name} --table '${this.wrapperTable(state)}'`,
      `dmsetup suspend ${name}`,
      `dmsetup resume ${name}`,
    ]
    if (kind === 'dust') {
      const sector = (): number => this.dataOffset() + dice.between(0, DATA_SECTORS / 2)
      const bad = this.failing ? [] : Array.from({ length: dice.between(1, 4) }, sector)
      this.failing = true
      this.deeds.push([
        'settle',
        ...[...new Set(bad)].map((at) => `dmsetup message ${name} 0 addbadblock ${at}`),
        `dmsetup message ${name} 0 enable`,
        ...this.read(() => readLines(dice, DEVICE, array.dataSectors)),
        'settle',
        `dmsetup message ${name} 0 countbadblocks`,
        'cat /proc/mdstat',
      ])
    } else if (!this.failing) {
      this.failing = true
      // A spare begins to take over at the first write: how far it is by the second is a matter of time.
      const after = this.torn || dice.percent(75) ? [this.write(), 'settle', this.write()] : [`sha256sum ${DEVICE}`]
      this.deeds.push([
        'settle',
        ...turn(dice.percent(70) ? 'error' : 'no writes'),
        ...after,
        'settle',
        'cat /proc/mdstat',
      ])
    } else {
      this.failing = false
      const device = `/dev/mapper/${name}`
      const lines = [
        `mdadm --remove ${DEVICE} ${device}`,
        `mdadm ${dice.pick(['--add', '--re-add'])} ${DEVICE} ${device}`,
      ]
      this.deeds.push(['settle', ...turn('sound'), ...lines, 'settle', 'cat /proc/mdstat'])
    }
  }

  private look(): void {
    const { dice } = this
    const device = dice.pick([...this.inside, ...this.outside, '/dev/a'])
    this.deeds.push([
      'settle',
      dice.pick([
        `mdadm --detail ${DEVICE}`,
        `mdadm --examine ${device}`,
        `mdadm --examine-bitmap ${device}`,
        'cat /sys/block/md0/md/degraded',
        'cat /sys/block/md0/md/array_state',
        'cat /sys/block/md0/md/sync_action',
        'cat /sys/block/md0/md/level',
        `blockdev --getsz ${DEVICE}`,
      ]),
    ])
  }

  private misuse(): void {
    const { dice } = this
    const device = dice.pick([...this.inside, ...this.outside, '/dev/src', '/dev/nosuch'])
    this.deeds.push([
      'settle',
      dice.pick([
        `mdadm --remove ${DEVICE} ${device}`,
        `mdadm --re-add ${DEVICE} ${dice.pick(this.inside.length > 0 ? this.inside : ['/dev/a'])}`,
        `mdadm --fail ${DEVICE} /dev/src`,
        `mdadm --create ${DEVICE} --level=1 --raid-devices=2 --run /dev/a /dev/b`,
        `mdadm --assemble ${DEVICE} ${this.inside.join(' ')}`,
        'echo bogus > /sys/block/md0/md/sync_action',
        `mdadm --zero-superblock ${dice.pick(this.inside.length > 0 ? this.inside : ['/dev/a'])}`,
      ]),
      'settle',
      'cat /proc/mdstat',
    ])
  }
}

/** Puts a layer below one member of an array; its name stands in the member's place then. */
function wrapSome(dice: Dice, array: NewArray): { name: string; device: string; kind: 'linear' | 'dust' } | null {
  const places = [...array.members.keys()].filter((place) => array.members[place] !== 'missing')
  const place = dice.pick(places)
  const device = array.members[place]!
  const letter = device.at(-1)!
  const kind = (array.level === 5 || array.level === 6 || array.level === 1) && dice.percent(35) ? 'dust' : 'linear'
  array.members[place] = `/dev/mapper/w${letter}`
  return { name: `w${letter}`, device, kind }
}
