/** Time both ways, as the page asks for it. */
import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import type { ConsoleEntry, Frame, MarkerFrame } from '../../engine/api/frame.ts'
import { TRACE, TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'
import { FRAME_REQUEST } from './engine_api.ts'
import { EngineHost } from './engine_host.ts'
import { MemoryStore } from './memory_store.ts'

const ARRAY = `disk create sda 2M --model ssd
disk create sdb 2M --model ssd
disk create sdc 2M
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --bitmap=internal --assume-clean --run /dev/sda /dev/sdb /dev/sdc
`
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=4k count=9 oflag=direct conv=fsync status=none'

class LastingStore extends MemoryStore {
  override close(): void {
    return
  }
}

class Tab {
  readonly host: EngineHost
  readonly frames: Frame[] = []
  /** As a page keeps them: by their numbers. */
  readonly entries: ConsoleEntry[] = []
  markers: readonly MarkerFrame[] = []
  real = 0
  spares = 0
  readonly #port: { onmessage: ((event: { data: unknown }) => void) | null; postMessage(frame: Frame | null): void }

  constructor(store: LastingStore) {
    const arena = new PlainArena(16 << 20)
    this.host = new EngineHost({
      realTime: () => (this.real += 0.001),
      openStore: () => Promise.resolve(store),
      removeStore: () => store.wipe(),
      recordings: () => Promise.resolve([]),
      freshName: () => 'a recording',
      arena: () => arena,
      spareArena: () => (this.spares++, new PlainArena(16 << 20)),
      wake: () => undefined,
    })
    this.#port = { onmessage: null, postMessage: (frame) => this.#take(frame) }
    void this.host.connect(this.#port as unknown as MessagePort)
  }

  #take(frame: Frame | null): void {
    if (frame === null) return
    this.frames.push(frame)
    this.entries.splice(frame.firstEntry, Infinity, ...frame.entries)
    this.markers = frame.timeline?.markers ?? this.markers
  }

  live(milliseconds: number): void {
    const end = this.real + milliseconds
    while (this.real < end) this.real = Math.min(end, this.real + Math.max(0.01, this.host.turn()))
  }

  frame(): Frame {
    this.#port.onmessage?.({ data: FRAME_REQUEST })
    return this.frames[this.frames.length - 1]
  }

  get timeline() {
    const { timeline } = this.frame()
    if (timeline === null) throw new Error('a frame without its place in time')
    return timeline
  }

  arrive(): Frame {
    for (let i = 0; i < 1000 && this.timeline.isTravelling; i++) this.live(1)
    return this.frame()
  }

  async say(line: string): Promise<ConsoleEntry> {
    await this.host.type(line)
    for (let i = 0; i < 2000; i++) {
      this.live(1)
      if (this.frame().command === null && this.entries.at(-1)?.command === line) break
    }
    return this.entries[this.entries.length - 1]
  }

  async sum(disk: string): Promise<string> {
    const bytes = await this.host.readDisk(disk, 0, 4096)
    return Buffer.from(bytes?.newest ?? []).toString('base64')
  }
}

async function begin(store = new LastingStore()): Promise<Tab> {
  const tab = new Tab(store)
  await tab.host.start({ script: ARRAY, seed: 5 })
  await tab.host.play()
  for (let i = 0; i < 200 && tab.entries.length < 4; i++) {
    tab.live(5)
    tab.frame()
  }
  expect(tab.entries.map(({ stderr, status }) => (status === 0 ? '' : stderr))).toEqual(['', '', '', ''])
  await tab.say(WRITE)
  await tab.host.pause()
  return tab
}

/** What a picture is drawn from, but for what belongs to the way there. */
function pictureOf(frame: Frame): unknown {
  const { time, steps, delivered, powerOn, command, disks, arrays, mdstat } = frame
  return { time, steps, delivered, powerOn, command, disks, arrays, mdstat }
}

test('a step forward and back shows the same picture, and no second memory is asked for before', async () => {
  const tab = await begin()
  expect(tab.timeline).toMatchObject({ isLive: true, isTravelling: false, lines: 2, newestLines: 2, failure: null })
  expect(tab.spares).toBe(0)
  const { steps } = tab.frame()
  const middle = steps - 7
  expect(await tab.host.seek(middle)).toBeNull()
  const there = pictureOf(tab.arrive())
  const bytes = await tab.sum('sda')
  expect(tab.timeline).toMatchObject({ isLive: false, newest: { step: steps } })
  expect(tab.frame().steps).toBe(middle)
  const stepped = tab.host.stepForward(1)
  tab.live(5)
  expect(await stepped).toBe(true)
  expect(tab.frame().steps).toBe(middle + 1)
  expect(await tab.host.stepBack()).toBeNull()
  expect(pictureOf(tab.arrive())).toEqual(there)
  expect(await tab.sum('sda')).toBe(bytes)
  expect(tab.spares).toBe(1)
})

test('rows, entries and causes begin anew at each journey, and stay numbered', async () => {
  const tab = await begin()
  const whole = tab.frame()
  const live = [...tab.entries]
  const before = tab.frames.length
  await tab.host.undo()
  tab.arrive()
  const shown = tab.frames.slice(before).filter(({ timeline }) => timeline?.isTravelling === false)
  expect(shown[0].firstTraceRow).toBe(0)
  expect(shown[0].firstCause).toBe(0)
  expect(shown[0].firstEntry + shown[0].entries.length).toBe(4)
  const ahead = shown[0].timeline?.view ?? 0
  await tab.host.live()
  const after = tab.frame()
  expect(after.timeline?.view).toBe(ahead + 1)
  expect(after.firstEntry + after.entries.length).toBe(5)
  expect(after.traceRows.length / TRACE_COLUMNS).toBeGreaterThan(50)
  expect(pictureOf(after)).toEqual(pictureOf(whole))
  tab.entries.length = 5
  expect(tab.entries).toEqual(live)
})

test('undo takes back a pulled disk, and playing on pulls it again', async () => {
  const tab = await begin()
  await tab.say('disk pull sdb')
  expect(tab.frame().disks[1].pulled).toBe(true)
  await tab.host.undo()
  expect(tab.arrive().disks[1].pulled).toBe(false)
  expect(tab.timeline).toMatchObject({ isLive: false, lines: 2, newestLines: 3 })
  await tab.host.play()
  tab.live(3000)
  expect(tab.frame().disks[1].pulled).toBe(true)
  expect(tab.timeline.isLive).toBe(true)
})

test('acting in the past makes a branch, and the other one can be returned to', async () => {
  const store = new LastingStore()
  const tab = await begin(store)
  await tab.say('disk pull sdb')
  const newest = pictureOf(tab.frame())
  await tab.host.undo()
  tab.arrive()
  await tab.say('fault add latent sdc 100')
  await tab.say(WRITE)
  expect(tab.timeline.branches.map(({ name, isCurrent, parent }) => [name, isCurrent, parent])).toEqual([
    ['branch 1', false, null],
    ['branch 2', true, 'branch 1'],
  ])
  expect(store.stored?.disks.map(({ pulled }) => pulled)).toEqual([false, false, false])
  expect(store.stored?.faults).toMatchObject([{ kind: 'latent', disk: 'sdc' }])
  const mine = await tab.sum('sda')
  // What is outside is what the live branch has.
  const image = (await tab.host.exportDisk('sda')) ?? new Uint8Array(0)
  const outside = new Uint8Array(image.length)
  store.image('sda')?.read(0, outside)
  expect(outside).toEqual(image)
  expect(await tab.host.switchBranch('branch 7')).toContain('branch 1, branch 2')
  expect(await tab.host.switchBranch('branch 1')).toBeNull()
  expect(pictureOf(tab.frame())).toEqual(newest)
  expect(tab.entries.at(-1)?.command).toBe('disk pull sdb')
  expect(store.stored?.disks.map(({ pulled }) => pulled)).toEqual([false, true, false])
  expect(store.stored?.faults).toEqual([])
  await tab.host.switchBranch('branch 2')
  expect(await tab.sum('sda')).toBe(mine)
})

test('notable events are jumped to and marked; what is typed moves in time, too', async () => {
  const tab = await begin()
  await tab.say('disk pull sdc')
  await tab.say('sleep 3')
  tab.frame()
  expect(tab.markers.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['command', 'disk', 'idle']))
  const pulled = tab.markers.find(({ kind }) => kind === 'disk')
  expect(pulled?.text).toBe('sdc is pulled')
  expect(tab.markers.every(({ text }) => text !== '')).toBe(true)
  await tab.host.seek(0)
  expect(tab.arrive().steps).toBe(0)
  expect(await tab.host.stepBack()).toContain('nothing before step 0')
  let last = -1
  for (let i = 0; i < 12; i++) {
    expect(await tab.host.nextNotable()).toBeNull()
    const { delivered } = tab.arrive()
    expect(delivered).toBeGreaterThanOrEqual(last)
    last = delivered
  }
  expect(await tab.host.previousNotable()).toBeNull()
  await tab.host.type('seek 3')
  expect(tab.arrive().steps).toBe(3)
  expect(tab.frames.flatMap(({ timeline }) => timeline?.said ?? []).map(({ command }) => command)).toEqual(['seek 3'])
  await tab.host.live()
  expect(tab.timeline.isLive).toBe(true)
})

/** Lets the host work on what was asked for. */
async function answer<T>(tab: Tab, asked: Promise<T>): Promise<T> {
  let isThere = false
  const done = asked.finally(() => (isThere = true))
  while (!isThere) {
    tab.live(1)
    // What carries it out is loaded when it is first asked for.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

test('bytes before the step that is shown are those that were there a step earlier, wherever one comes from', async () => {
  const tab = await begin()
  const { steps } = tab.frame()
  const held = new Map<number, string>()
  for (let step = steps - 60; step < steps; step++) {
    await tab.host.seek(step)
    tab.arrive()
    held.set(step, await tab.sum('sdb'))
  }
  expect(new Set(held.values()).size).toBeGreaterThan(2)
  const before = async (): Promise<[number | undefined, string]> => {
    const bytes = await answer(tab, tab.host.readBefore('sdb', 0, 4096))
    return [bytes?.step, Buffer.from(bytes?.newest ?? []).toString('base64')]
  }
  for (const step of [steps - 3, steps - 51, steps - 29]) {
    await tab.host.seek(step)
    tab.arrive()
    const shown = await tab.sum('sdb')
    expect(await before()).toEqual([step - 1, held.get(step - 1)])
    expect(await tab.sum('sdb')).toBe(shown)
    expect(tab.frame().steps).toBe(step)
  }
  await tab.host.live()
  expect(await before()).toEqual([steps - 1, held.get(steps - 1)])
  await tab.host.seek(0)
  tab.arrive()
  expect(await tab.host.readBefore('sdb', 0, 8)).toBeNull()
})

test('the next event of a track, and the one before: of a disk each I/O, of the faults each fault', async () => {
  const tab = await begin()
  await tab.say('fault add slow sdc 2')
  await tab.host.pause()
  const { steps } = tab.frame()
  const rows = await answer(tab, tab.host.recordedRows(0, steps))
  const ios = (disk: number): number[] => {
    const found: number[] = []
    const all = rows?.rows ?? new Float64Array(0)
    for (let at = 0; at < all.length; at += TRACE_COLUMNS) {
      if (all[at + 1] === TRACE.disk_io && all[at + 3] === disk) found.push(all[at + 2])
    }
    return found
  }
  expect(rows?.from).toBe(0)
  expect(ios(0).length + ios(1).length + ios(2).length).toBe(steps)
  const track = { kind: 'disk', number: 2 } as const
  const seen: number[] = []
  while ((await answer(tab, tab.host.onTrack(track, false))) === null) seen.unshift(tab.arrive().steps)
  expect(seen).toEqual(ios(2).filter((step) => step < steps))
  expect(await answer(tab, tab.host.onTrack(track, false))).toContain('no earlier I/O')
  expect(await answer(tab, tab.host.onTrack(track, true))).toBeNull()
  expect(tab.arrive().steps).toBe(seen[1])
  expect(await answer(tab, tab.host.onTrack({ kind: 'faults', number: 0 }, false))).toContain('nothing of that kind')
  expect(await answer(tab, tab.host.onTrack({ kind: 'faults', number: 0 }, true))).toBeNull()
  expect(tab.arrive().faults).toHaveLength(1)
  expect(await answer(tab, tab.host.onTrack({ kind: 'array', number: 0 }, false))).toBeNull()
  expect(tab.arrive().steps).toBeLessThan(steps)
  expect(await answer(tab, tab.host.onTrack({ kind: 'array', number: 9 }, false))).toContain('nothing of that kind')
})

test('a journey is given up where it has come to; a branch gets a name', async () => {
  const tab = await begin()
  await tab.say('workload start w /dev/md0 --depth 4')
  const reached = tab.host.stepForward(6000)
  tab.live(10)
  expect(await reached).toBe(true)
  const newest = tab.frame().steps
  await tab.host.seek(newest - 5500)
  expect(tab.timeline.isTravelling).toBe(true)
  await tab.host.cancelJourney()
  expect(tab.timeline).toMatchObject({ isTravelling: false, isLive: false })
  await tab.say('fault add slow sda 2')
  expect(await tab.host.renameBranch('branch 2', 'a slow disk')).toBeNull()
  expect(await tab.host.renameBranch('branch 1', 'a slow disk')).toContain('already')
  expect(tab.timeline.branches.map(({ name }) => name)).toEqual(['branch 1', 'a slow disk'])
  expect(tab.entries.at(-1)?.command).toBe('fault add slow sda 2')
  const slice = await tab.host.recorded(0)
  expect([slice.branch, slice.steps]).toEqual(['a slow disk', tab.timeline.newest.step])
  expect((await tab.host.recorded(slice.count - 1)).count).toBe(1)
})
