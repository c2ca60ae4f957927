/** Links, as the page opens them: forks on disks in memory; and what this browser's own recording is. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import type { ConsoleEntry, Frame } from '../../engine/api/frame.ts'
import { momentOf } from '../../engine/lab/moment.ts'
import { readMoment, writeMoment } from '../../engine/lab/moment_text.ts'
import { testMachine } from '../../engine/lab/fixture.ts'
import { FRAME_REQUEST, type StartReport } from './engine_api.ts'
import { EngineHost } from './engine_host.ts'
import { LINK_EVENTS_MAX } from './link.ts'
import type { MachineStore } from './machine_store.ts'
import { MemoryStore } from './memory_store.ts'

const ARRAY = `disk create sda 2M --model ssd
disk create sdb 2M --model ssd
disk create sdc 2M
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --bitmap=internal --assume-clean --run /dev/sda /dev/sdb /dev/sdc
`
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=4k count=9 oflag=direct conv=fsync status=none'

class LastingStore extends MemoryStore {
  saves = 0

  override save(machine: NonNullable<MachineStore['stored']>): void {
    this.saves++
    super.save(machine)
  }

  override close(): void {
    return
  }
}

let names = 0

class Tab {
  readonly host: EngineHost
  readonly entries: ConsoleEntry[] = []
  shown: Frame | undefined
  opened = 0
  real = 0
  /** What a look at the clock takes, in milliseconds: a slow machine's batches are short. */
  tick = 0.001
  readonly #port: { onmessage: ((event: { data: unknown }) => void) | null; postMessage(frame: Frame | null): void }

  constructor(store: LastingStore) {
    const arena = new PlainArena(16 << 20)
    this.host = new EngineHost({
      realTime: () => (this.real += this.tick),
      openStore: () => (this.opened++, Promise.resolve(store)),
      removeStore: () => store.wipe(),
      recordings: () => {
        const { recording, formerly } = store.stored ?? {}
        return Promise.resolve([recording, formerly].filter((name) => name !== undefined))
      },
      freshName: () => `recording${++names}`,
      arena: () => arena,
      spareArena: () => new PlainArena(16 << 20),
      wake: () => undefined,
    })
    this.#port = {
      onmessage: null,
      postMessage: (frame) => {
        if (frame === null) return
        this.shown = frame
        this.entries.splice(frame.firstEntry, Infinity, ...frame.entries)
      },
    }
    void this.host.connect(this.#port as unknown as MessagePort)
  }

  live(milliseconds: number): void {
    const end = this.real + milliseconds
    while (this.real < end) this.real = Math.min(end, this.real + Math.max(0.01, this.host.turn()))
  }

  frame(): Frame {
    this.#port.onmessage?.({ data: FRAME_REQUEST })
    return this.shown as Frame
  }

  arrive(): Frame {
    for (let i = 0; i < 10_000 && this.frame().timeline?.isTravelling === true; i++) this.live(1)
    return this.frame()
  }

  async say(line: string): Promise<ConsoleEntry> {
    await this.host.type(line)
    for (let i = 0; i < 1000; i++) {
      this.live(1)
      if (this.frame().command === null && this.entries.at(-1)?.command === line) break
    }
    return this.entries[this.entries.length - 1]
  }

  async text(): Promise<string> {
    const { text, reason } = await this.host.moment()
    if (text === null) throw new Error(reason ?? '')
    return text
  }

  async sums(): Promise<string[]> {
    const images = await Promise.all(this.frame().disks.map(({ name }) => this.host.exportDisk(name)))
    return images.map((image) =>
      createHash('sha256')
        .update(image as Uint8Array)
        .digest('hex'),
    )
  }
}

async function begin(store = new LastingStore()): Promise<{ tab: Tab; report: StartReport; store: LastingStore }> {
  const tab = new Tab(store)
  const report = await tab.host.start({ script: ARRAY, seed: 5 })
  await tab.host.play()
  tab.live(5)
  return { tab, report, store }
}

/** In the middle of a write: paused, with I/Os in flight and bytes in caches. */
async function midWrite(tab: Tab): Promise<void> {
  await tab.host.pause()
  await tab.host.type(WRITE)
  const reached = tab.host.stepForward(7)
  tab.live(1)
  expect(await reached).toBe(true)
}

test('a link leads to the same step and bytes in another tab, paused, and no store is opened', async () => {
  const { tab } = await begin()
  await midWrite(tab)
  const here = tab.frame()
  expect(here.command?.line).toBe(WRITE)
  const text = await tab.text()
  const other = new Tab(new LastingStore())
  const report = await other.host.start({ moment: text })
  expect(report).toMatchObject({ store: 'memory', recording: null, refusal: null })
  expect(report.link).toMatchObject({ state: 'opening', step: here.steps, events: here.delivered, lines: 2 })
  expect(await other.host.moment()).toMatchObject({ text: null, isPending: true })
  const there = other.arrive()
  expect([there.steps, there.delivered, there.time, there.command]).toEqual([
    here.steps,
    here.delivered,
    here.time,
    here.command,
  ])
  expect(there.transport.state).toBe('paused')
  expect(there.timeline).toMatchObject({ isLive: true, failure: null })
  expect(await other.sums()).toEqual(await tab.sums())
  expect(there.disks.map(({ cacheSectors }) => [...cacheSectors])).toEqual(
    here.disks.map(({ cacheSectors }) => [...cacheSectors]),
  )
  expect(await other.text()).toBe(text)
  expect(other.opened).toBe(0)
  other.live(2000)
  expect(other.frame().steps).toBe(there.steps)
  await tab.host.play()
  await other.host.play()
  tab.live(50)
  other.live(50)
  expect(await other.sums()).toEqual(await tab.sums())
})

test('a moment of the past is a moment like any other', async () => {
  const { tab } = await begin()
  await tab.say(WRITE)
  await tab.host.pause()
  const end = tab.frame().steps
  await tab.host.seek(end - 5)
  tab.arrive()
  const text = await tab.text()
  const other = new Tab(new LastingStore())
  await other.host.start({ moment: text })
  expect(other.arrive().steps).toBe(end - 5)
  expect(other.frame().timeline?.newest.step).toBe(end - 5)
  expect(await other.sums()).toEqual(await tab.sums())
})

test('the address of what the own disks hold is a power-on; of an earlier visit, a fork', async () => {
  const { tab, report, store } = await begin()
  await tab.say(WRITE)
  const text = await tab.text()
  const recording = report.recording as string
  expect(store.stored?.recording).toBe(recording)

  const second = new Tab(store)
  const found = await second.host.start({ moment: text, recording })
  expect(found).toMatchObject({ isFound: true, visit: 2, link: null })
  expect(found.recording).not.toBe(recording)
  await second.host.play()
  second.live(5)

  // The address is not renewed before somebody asks for the moment: until then, the old one still leads here.
  const third = new Tab(store)
  const again = await third.host.start({ moment: text, recording: found.recording as string })
  expect(again).toMatchObject({ isFound: true, visit: 3, link: null })
  expect(store.stored).toMatchObject({ recording: again.recording, formerly: found.recording })
  await third.host.play()
  third.live(200)
  await third.host.moment()
  // At once: the tab may be closed before the next batch.
  expect(store.stored).toMatchObject({ recording: again.recording })
  expect(store.stored?.formerly).toBeUndefined()

  const saves = store.saves
  const late = new Tab(store)
  expect((await late.host.start({ moment: text, recording })).link).toMatchObject({ state: 'opening' })
  expect(late.opened).toBe(0)
  late.arrive()
  late.live(2000)
  expect(store.saves).toBe(saves)
})

test('a recording that began on disks with bytes names them, asks for them, and checks what it is given', async () => {
  const { tab, store } = await begin()
  await tab.say(WRITE)
  await tab.text()
  const second = new Tab(store)
  await second.host.start()
  await second.host.pause()
  expect(await second.host.moment()).toMatchObject({ text: null, isPending: true })
  second.live(2000)
  await second.say('dd if=/dev/urandom of=/dev/sda bs=4k count=1 seek=300 oflag=direct conv=fsync status=none')
  const { text, images } = await second.host.moment()
  expect(images).toEqual(['sda', 'sdb', 'sdc'])

  const other = new Tab(new LastingStore())
  const asked = await other.host.start({ moment: text as string })
  if (asked.link?.state !== 'images') throw new Error('images should have been asked for')
  expect(asked.link.images.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['sda', 2 << 20],
    ['sdb', 2 << 20],
    ['sdc', 2 << 20],
  ])
  await expect(other.host.type('true')).rejects.toThrow('no machine')
  const given = await Promise.all(
    asked.link.images.map(async ({ name, sha256 }) => {
      const bytes = (await second.host.exportBeginning(name)) as Uint8Array
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
      return { name, bytes }
    }),
  )
  const some = await other.host.start({ moment: text as string, images: given.slice(1) })
  expect(some.link?.state).toBe('images')
  const wrong = [{ name: 'sda', bytes: given[0].bytes.slice().fill(1, 0, 9) }, ...given.slice(1)]
  const refused = await other.host.start({ moment: text as string, images: wrong })
  expect(refused.link).toMatchObject({ state: 'refused', message: expect.stringContaining('sda') as unknown })
  expect((await other.host.start({ moment: text as string, images: given })).link?.state).toBe('opening')
  const there = other.arrive()
  expect(there.steps).toBe(second.frame().steps)
  expect(await other.sums()).toEqual(await second.sums())
  expect(await other.text()).toBe(text)
  expect(other.opened).toBe(0)
})

test('an image that is brought into a fork leaves its other disks as they are', async () => {
  const { tab } = await begin()
  await tab.say(WRITE)
  await tab.say('settle')
  const other = new Tab(new LastingStore())
  await other.host.start({ moment: await tab.text() })
  other.arrive()
  const before = await other.sums()
  await other.host.importDisk('sdx', new Uint8Array(4096).fill(7))
  other.live(50)
  expect((await other.sums()).slice(0, 3)).toEqual(before)
  expect(other.frame().disks.map(({ name }) => name)).toEqual(['sda', 'sdb', 'sdc', 'sdx'])
  expect(other.opened).toBe(0)
})

test('a long way is gone in batches, and can be ended where it has come to', async () => {
  const { tab } = await begin()
  for (let i = 0; i < 6; i++) await tab.say(`${WRITE} seek=${i * 9}`)
  const wanted = tab.frame().steps
  const other = new Tab(new LastingStore())
  other.tick = 3
  await other.host.start({ moment: await tab.text() })
  while (other.frame().timeline?.isTravelling === true && other.frame().steps === 0) other.host.turn()
  const { timeline } = other.frame()
  expect(timeline?.isTravelling).toBe(true)
  expect(timeline?.progress).toBeGreaterThan(0)
  expect(timeline?.progress).toBeLessThan(1)
  await other.host.cancelOpening()
  const { steps, timeline: after, transport } = other.frame()
  expect([after?.isTravelling, after?.isLive, transport.state]).toEqual([false, true, 'paused'])
  expect(steps).toBeLessThan(wanted)
  expect((await other.say('true')).status).toBe(0)
})

test.each([
  ['', /no moment/],
  ['nonsense', /no moment/],
  ['m1.AAAA', /damaged/],
  ['m7.AAAA', /version 7/],
])('the link %j is refused in plain words, and nothing runs', async (moment, why) => {
  const tab = new Tab(new LastingStore())
  const { link } = await tab.host.start({ moment })
  expect(link).toMatchObject({ state: 'refused', message: expect.stringMatching(why) as unknown })
  await expect(tab.host.type('true')).rejects.toThrow('no machine')
  expect([tab.opened, tab.host.turn()]).toEqual([0, Infinity])
})

test('an address that only names a recording of somewhere else says so', async () => {
  const tab = new Tab(new LastingStore())
  const { link } = await tab.host.start({ recording: 'elsewhere' })
  expect(link).toMatchObject({ state: 'refused', message: expect.stringContaining('another browser') as unknown })
})

test('a link that asks for a lifetime of events is not begun', async () => {
  const moment = momentOf(testMachine())
  const text = writeMoment({ ...moment, delivered: LINK_EVENTS_MAX + 1 })
  if (!text.ok) throw new Error(text.message)
  expect(readMoment(text.value).ok).toBe(true)
  const { link } = await new Tab(new LastingStore()).host.start({ moment: text.value })
  expect(link).toMatchObject({ state: 'refused', message: expect.stringContaining('1,000,000,000') as unknown })
})

test('what is too long for an address is said, and the machine goes on', async () => {
  const { tab } = await begin()
  const bytes = Array.from({ length: 90_000 }, (_, i) => createHash('md5').update(String(i)).digest('base64')).join('')
  await tab.say(`echo ${bytes.slice(0, 200_000)} > /tmp/x`)
  const report = await tab.host.moment()
  expect(report).toMatchObject({ text: null, isPending: false, reason: expect.stringContaining('export') as unknown })
  expect((await tab.say('true')).status).toBe(0)
})
