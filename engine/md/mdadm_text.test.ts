import { describe, expect, test } from 'vitest'
import { bitmapChunks, loadBitmapSuper, readBitmapSuper } from '../format/md_bitmap_super.ts'
import {
  encodeSuperblock,
  loadSuperblock,
  ROLE_SPARE,
  roleOf,
  superblockChecksum,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { detailText, inactiveDetailText, type DetailMember, type DetailSync } from './detail_text.ts'
import { examineBitmapText, examineText } from './examine_text.ts'
import { mdstatText, type MdstatArray, type MdstatProgress } from './mdstat_text.ts'
import golden from './mdadm_text.golden.json' with { type: 'json' }

interface Member {
  readonly super: string
  readonly bitmap?: string
  readonly examine?: readonly string[]
  readonly examineBitmap?: readonly string[]
}
interface State {
  readonly name: string
  readonly mdstat: readonly string[]
  readonly detail: readonly string[]
  readonly members: Readonly<Record<string, Member>>
}

const STATES = golden.states as unknown as State[]
const HOMEHOST = '(none)'

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** Sectors of the devices on which a state was made. */
function sectorsOf(name: string): number {
  return name.startsWith('large') ? 2097152 : 18432
}

function superblockOf(state: State, member: string): { block: Uint8Array; superblock: MdSuperblock } {
  const text = state.members[member]
  if (!text) throw new Error(`${state.name} has no superblock of ${member}`)
  const block = new Uint8Array(4096)
  block.set(fromBase64(text.super))
  const read = loadSuperblock(block, { minor: 2, deviceSectors: sectorsOf(state.name) })
  if (!read.ok) throw new Error(read.message)
  return { block, superblock: read.value }
}

/** What is to be said of each state beside its superblocks: members as `name number slot`, what runs. */
interface Scene {
  readonly members: string
  readonly sync?: MdstatProgress | 'pending' | 'delayed'
  readonly action?: DetailSync['action']
  readonly counterPages?: number
  readonly access?: 'read-only' | 'auto-read-only'
  readonly active?: true
  /** Updates of the superblock between the report and its being kept: the array went clean. */
  readonly updatesSince?: number
  /** The last added first, if that is not the order of `members` reversed. */
  readonly order?: string
}

const done = (
  action: MdstatProgress['action'],
  kib: number,
  totalKib: number,
  markSeconds: number,
  markKib = kib,
): MdstatProgress => ({
  action,
  doneSectors: kib * 2,
  totalSectors: totalKib * 2,
  markSeconds,
  markSectors: markKib * 2,
})

const SCENES: Readonly<Record<string, Scene>> = {
  'raid5 clean, bitmap still full': { members: 'a 0 0, b 1 1, c 2 2, d 3 3', counterPages: 1 },
  'raid5 clean, bitmap empty': { members: 'a 0 0, b 1 1, c 2 2, d 3 3' },
  'raid5 active, bitmap dirty': {
    members: 'a 0 0, b 1 1, c 2 2, d 3 3',
    counterPages: 1,
    active: true,
    updatesSince: 1,
  },
  'one failed': { members: 'a 0 0, b 1 - faulty, c 2 2, d 3 3', counterPages: 1 },
  'one failed and removed': { members: 'a 0 0, c 2 2, d 3 3', counterPages: 1 },
  'rebuilding onto a new spare': {
    members: 'a 0 0, c 2 2, d 3 3, e 4 1 spare',
    counterPages: 1,
    sync: done('recovery', 640, 8192, 2),
  },
  rebuilt: { members: 'a 0 0, c 2 2, d 3 3, e 4 1', counterPages: 1 },
  'with an idle spare': { members: 'a 0 0, c 2 2, d 3 3, e 4 1, b 1 - spare', counterPages: 1 },
  'failed spare': { members: 'a 0 0, c 2 2, d 3 3, e 4 1, b 1 - faulty', counterPages: 1 },
  checking: { members: 'a 0 0, c 2 2, d 3 3, e 4 1, b 1 - faulty', sync: done('check', 1024, 8192, 2) },
  repairing: { members: 'a 0 0, c 2 2, d 3 3, e 4 1, b 1 - faulty', sync: done('resync', 1152, 8192, 2) },
  'two failed': { members: 'a 0 0, c 2 - faulty, d 3 3 faulty, e 4 1, b 1 - faulty' },
  'first recovery': {
    members: 'a 0 0, b 1 1, c 2 2, d 4 3 spare',
    counterPages: 1,
    sync: done('recovery', 640, 8192, 2),
  },
  'after the first recovery': { members: 'a 0 0, b 1 1, c 2 2, d 4 3', counterPages: 1 },
  'first resync without bitmap': { members: 'a 0 0, b 1 1, c 2 2, d 3 3', sync: done('resync', 640, 8192, 2) },
  'first resync': { members: 'a 0 0, b 1 1, c 2 2', counterPages: 1, sync: done('resync', 512, 7168, 1) },
  'missing from the start': { members: 'a 0 0, c 2 2, d 3 3' },
  raid4: { members: 'a 0 0, b 1 1, c 2 2', counterPages: 1 },
  'raid4 first recovery': { members: 'a 0 0, b 1 1, c 3 2 spare', sync: done('recovery', 640, 8192, 1) },
  'two spares': { members: 'a 0 0, b 1 1, c 2 2, d 3 - spare, e 4 - spare' },
  raid1: { members: 'a 0 0, b 1 1', counterPages: 1 },
  raid6: { members: 'a 0 0, b 1 1, c 2 2, d 3 3' },
  raid10: { members: 'a 0 0, b 1 1, c 2 2, d 3 3' },
  'read-only': { members: 'a 0 0, b 1 1, c 2 2', access: 'read-only' },
  'resync pending': {
    members: 'a 0 0, b 1 1, c 2 2',
    order: 'a c b',
    counterPages: 1,
    access: 'auto-read-only',
    sync: 'pending',
  },
  'large resync': { members: 'a 0 0, b 1 1, c 2 2, d 3 3', counterPages: 1, sync: done('resync', 8704, 1046528, 3) },
  'large resync later': {
    members: 'a 0 0, b 1 1, c 2 2, d 3 3',
    counterPages: 1,
    sync: done('resync', 68096, 1046528, 30, 60060),
  },
  'large resync at 20000': {
    members: 'a 0 0, b 1 1, c 2 2, d 3 3',
    counterPages: 1,
    sync: done('resync', 728192, 1046528, 30, 651840),
  },
  'bad blocks': { members: 'a 0 0, b 1 1, c 2 2' },
  replacing: {
    members: 'a 0 0, b 1 1, c 2 2, d 3 1 spare replacement',
    counterPages: 1,
    sync: done('recovery', 640, 8192, 2),
  },
  'write-mostly': { members: 'a 0 0, b 1 1 writemostly' },
}

interface SceneMember extends DetailMember {
  readonly replacement: boolean
}

function sceneMembers(scene: Scene): SceneMember[] {
  return scene.members.split(', ').map((text) => {
    const [letter = '', number, slot, ...words] = text.split(' ')
    return {
      name: `/dev/${letter}`,
      major: 7,
      minor: letter.charCodeAt(0) - 97,
      number: Number(number),
      slot: slot === '-' ? undefined : Number(slot),
      state: words.includes('faulty') ? 'faulty' : words.includes('spare') ? 'spare' : 'in sync',
      writeMostly: words.includes('writemostly'),
      replacement: words.includes('replacement'),
    }
  })
}

function arrayKib({ level, size, raid_disks }: MdSuperblock): number {
  const share = level === 1 ? 1 : level === 6 ? raid_disks - 2 : level === 10 ? raid_disks / 2 : raid_disks - 1
  return (size / 2) * share
}

/** Pages of 2048 counters that the bitmap may have. */
function bitmapOf(state: State, superblock: MdSuperblock, scene: Scene): MdstatArray['bitmap'] {
  if ((superblock.feature_map & 1) === 0) return undefined
  const text = Object.values(state.members).find((member) => member.bitmap !== undefined)?.bitmap
  const header = text === undefined ? undefined : readBitmapSuper(fromBase64(text))
  const chunkBytes =
    header?.ok === true ? header.value.chunksize : state.name.startsWith('large') ? 65536 * 1024 : 65536
  const pagesMax = Math.ceil(bitmapChunks(superblock.size, chunkBytes) / 2048)
  return { pages: scene.counterPages ?? 0, pagesMax, chunkBytes }
}

describe.each(STATES.filter((state) => state.name in SCENES))('$name', (state) => {
  const scene = SCENES[state.name] as Scene
  const { superblock } = superblockOf(state, 'a' in state.members ? 'a' : (Object.keys(state.members)[0] ?? ''))
  const members = sceneMembers(scene)
  const inSync = Array.from({ length: superblock.raid_disks }, (_, slot) =>
    members.some((member) => member.slot === slot && member.state === 'in sync'),
  )

  test('/proc/mdstat', () => {
    const kernelOrder = scene.order
      ? scene.order.split(' ').map((letter) => members.find((member) => member.name === `/dev/${letter}`))
      : [...members].reverse()
    const text = mdstatText(
      ['raid5'],
      [
        {
          name: 'md0',
          ...(scene.access ? { access: scene.access } : {}),
          running: {
            level: superblock.level,
            layout: superblock.layout,
            chunkKib: superblock.chunksize / 2,
            inSync,
          },
          members: listOrder(kernelOrder.flatMap((member) => (member ? [member] : []))),
          kib: arrayKib(superblock),
          metadata: '1.2',
          sync: scene.sync,
          bitmap: bitmapOf(state, superblock, scene),
        },
      ],
    )
    expect(text.split('\n')).toEqual(['Personalities : [raid5] ', ...state.mdstat, 'unused devices: <none>', ''])
  })

  test('mdadm --detail', () => {
    const { sync } = scene
    const since = scene.updatesSince ?? 0
    const percent = typeof sync === 'object' ? Math.floor(mdstatPercent(state)) : 0
    const detailSync: DetailSync | undefined =
      sync === undefined
        ? undefined
        : typeof sync === 'string'
          ? { action: 'resync', state: sync, percent: 0 }
          : { action: sync.action, state: 'running', percent }
    const text = detailText({
      path: '/dev/md0',
      homehost: HOMEHOST,
      level: superblock.level,
      layout: superblock.layout,
      chunkKib: superblock.chunksize / 2,
      raidDevices: superblock.raid_disks,
      arrayKib: arrayKib(superblock),
      memberKib: superblock.size / 2,
      ctimeSeconds: superblock.ctime,
      utimeSeconds: superblock.utime - since,
      clean: scene.active !== true,
      bitmap: (superblock.feature_map & 1) !== 0,
      sync: detailSync,
      identity: { setName: superblock.set_name, uuid: superblock.set_uuid, events: superblock.events - since },
      members,
    })
    expect(text.replace(/\n$/, '').split('\n')).toEqual(state.detail)
  })
})

/** Members of a scene as the kernel lists them. */
function listOrder(members: readonly SceneMember[]): MdstatArray['members'] {
  return members.map((member) => ({
    name: `loop${member.minor}`,
    number: member.number,
    faulty: member.state === 'faulty',
    spare: member.slot === undefined && member.state === 'spare',
    replacement: member.replacement,
    writeMostly: member.writeMostly === true,
  }))
}

function mdstatPercent(state: State): number {
  return Number(/= *([0-9.]+)%/.exec(state.mdstat.join(''))?.[1])
}

const EXAMINED = STATES.flatMap((state) =>
  Object.entries(state.members).flatMap(([name, member]) => (member.examine ? [{ state, name, member }] : [])),
)

describe.each(EXAMINED)('$state.name: member $name', ({ state, name, member }) => {
  const { block, superblock } = superblockOf(state, name)

  test('superblock is accepted, and written again as it was', () => {
    expect(encodeSuperblock(superblock)).toEqual(block.subarray(0, 512))
  })

  test('mdadm --examine', () => {
    const header = member.bitmap === undefined ? undefined : readBitmapSuper(fromBase64(member.bitmap))
    const text = examineText(superblock, {
      name: `/dev/${name}`,
      sectors: sectorsOf(state.name),
      checksum: superblockChecksum(block, superblock.max_dev),
      bitmap: header?.ok === true ? header.value : undefined,
      homehost: HOMEHOST,
    })
    expect(text.replace(/\n$/, '').split('\n')).toEqual(member.examine)
  })
})

describe.each(EXAMINED.filter(({ member }) => member.bitmap))(
  '$state.name: bitmap of $name',
  ({ state, name, member }) => {
    const { superblock } = superblockOf(state, name)

    test('mdadm --examine-bitmap', () => {
      const stream = fromBase64(member.bitmap ?? '')
      const loaded = loadBitmapSuper(stream, { uuid: superblock.set_uuid, events: superblock.events })
      if (!loaded.ok) throw new Error(loaded.message)
      // Linux does not write the bitmap of a spare.
      expect(loaded.value.stale).toBe(roleOf(superblock) === ROLE_SPARE)
      const text = examineBitmapText(`/dev/${name}`, loaded.value.header, stream)
      expect(text.replace(/\n$/, '').split('\n')).toEqual(member.examineBitmap)
    })
  },
)

describe('arrays beside each other, and such as do not run', () => {
  const find = (name: string): State => {
    const state = STATES.find((one) => one.name === name)
    if (!state) throw new Error(`no state ${name}`)
    return state
  }
  const loops = (...minors: number[]): MdstatArray['members'] =>
    minors.map((minor, i) => ({ name: `loop${minor}`, number: minors.length - 1 - i }))
  const raid5 = { level: 5, layout: 2, chunkKib: 64, inSync: [true, true, true] }
  const largeBits = { pages: 1, pagesMax: 1, chunkBytes: 65536 * 1024 }

  test('the last made comes first', () => {
    const text = mdstatText(
      [],
      [
        {
          name: 'md1',
          running: { level: 1, layout: 0, chunkKib: 0, inSync: [true, true, true] },
          members: loops(5, 4, 3),
          kib: 8192,
          metadata: '1.2',
          sync: undefined,
          bitmap: largeBits,
        },
        {
          name: 'md0',
          running: raid5,
          members: loops(2, 1, 0),
          kib: 16384,
          metadata: '1.2',
          sync: undefined,
          bitmap: undefined,
        },
      ],
    )
    expect(text.split('\n').slice(1, -2)).toEqual(find('two arrays').mdstat)
  })

  test('one that shares disks waits', () => {
    const parts = (part: number): MdstatArray['members'] =>
      [2, 1, 0].map((disk) => ({ name: `loop${disk}p${part}`, number: disk }))
    const text = mdstatText(
      [],
      [
        {
          name: 'md1',
          running: raid5,
          members: parts(2),
          kib: 28672,
          metadata: '1.2',
          sync: 'delayed',
          bitmap: largeBits,
        },
        {
          name: 'md0',
          running: raid5,
          members: parts(1),
          kib: 28672,
          metadata: '1.2',
          sync: done('resync', 1024, 14336, 1),
          bitmap: undefined,
        },
      ],
    )
    expect(text.split('\n').slice(1, -2)).toEqual(find('one delayed').mdstat)
  })

  test('one member is not enough', () => {
    const state = find('inactive, one member')
    const { superblock } = superblockOf(state, 'a')
    const text = mdstatText(
      [],
      [
        {
          name: 'md0',
          running: undefined,
          members: [{ name: 'loop0', number: 0, spare: true }],
          kib: 8192,
          metadata: '1.2',
          sync: undefined,
          bitmap: undefined,
        },
      ],
    )
    expect(text.split('\n').slice(1, -2)).toEqual(state.mdstat)
    const detail = inactiveDetailText({
      path: '/dev/md0',
      homehost: HOMEHOST,
      level: 5,
      identity: { setName: superblock.set_name, uuid: superblock.set_uuid, events: superblock.events },
      members: [{ name: '/dev/a', major: 7, minor: 0 }],
    })
    expect(detail.replace(/\n$/, '').split('\n')).toEqual(state.detail)
  })
})
