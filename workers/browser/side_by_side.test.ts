/** Two machines in step, as the page asks for them. */
import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import type { Frame } from '../../engine/api/frame.ts'
import type { Counters, DifferenceFrame, TwinFrame } from '../../engine/api/twin_frame.ts'
import { FRAME_REQUEST } from './engine_api.ts'
import { EngineHost } from './engine_host.ts'
import { MemoryStore } from './memory_store.ts'

const ARRAY = `disk create sda 2M --model ssd
disk create sdb 2M --model ssd
disk create sdc 2M --model ssd
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --bitmap=internal --bitmap-chunk=64K --assume-clean --run /dev/sda /dev/sdb /dev/sdc
workload start w /dev/md0 --rate 4000
`

class Tab {
  readonly host: EngineHost
  readonly frames: Frame[] = []
  others = 0
  isOutOfMemory = false
  real = 0
  differences: readonly DifferenceFrame[] = []
  counters: Counters | undefined
  readonly #spares: PlainArena[] = []
  readonly #port: { onmessage: ((event: { data: unknown }) => void) | null; postMessage(frame: Frame | null): void }

  constructor() {
    const arena = new PlainArena(16 << 20)
    const store = new MemoryStore()
    this.host = new EngineHost({
      realTime: () => (this.real += 0.001),
      openStore: () => Promise.resolve(store),
      removeStore: () => store.wipe(),
      arena: () => arena,
      recordings: () => Promise.resolve([]),
      freshName: () => 'a',
      spareArena: (index) => (this.#spares[index] ??= this.#spare()),
      wake: () => undefined,
    })
    this.#port = { onmessage: null, postMessage: (frame) => this.#take(frame) }
    void this.host.connect(this.#port as unknown as MessagePort)
  }

  #spare(): PlainArena {
    if (this.isOutOfMemory) throw new RangeError('no memory')
    this.others++
    return new PlainArena(16 << 20)
  }

  #take(frame: Frame | null): void {
    if (frame === null) return
    this.frames.push(frame)
    this.differences = frame.twin?.differences ?? this.differences
    this.counters = frame.twin?.counters ?? this.counters
  }

  live(milliseconds: number): void {
    const end = this.real + milliseconds
    while (this.real < end) this.real = Math.min(end, this.real + Math.max(0.01, this.host.turn()))
  }

  frame(): Frame {
    this.#port.onmessage?.({ data: FRAME_REQUEST })
    return this.frames[this.frames.length - 1]
  }

  /** The other machine, once both have come to rest at one instant. */
  twin(): TwinFrame {
    for (let i = 0; i < 2000; i++) {
      const { twin, command, timeline } = this.frame()
      if (twin?.isTravelling === false && timeline?.isTravelling === false && command === null) return twin
      this.live(1)
    }
    throw new Error('the two never come together')
  }
}

async function begin(): Promise<Tab> {
  const tab = new Tab()
  await tab.host.start({ script: ARRAY, seed: 5 })
  await tab.host.setSpeed(1e9)
  await tab.host.play()
  for (let i = 0; i < 400 && tab.frame().workloads.length === 0; i++) tab.live(5)
  tab.live(60)
  await tab.host.pause()
  return tab
}

/** What a picture is drawn from. */
function pictureOf(frame: Frame | null | undefined): unknown {
  if (!frame) throw new Error('no frame of the other machine')
  const { time, steps, delivered, powerOn, disks, arrays, mdstat } = frame
  return { time, steps, delivered, powerOn, disks, arrays, mdstat }
}

test('nothing is paid for before somebody compares; then two frames of one instant come as one', async () => {
  const tab = await begin()
  expect(tab.frame().twin).toBeNull()
  expect(tab.others).toBe(0)
  expect((await tab.host.recordedCommands()).map(({ text }) => text)[3]).toContain('--bitmap=internal')
  await tab.host.type('compare --bitmap=none')
  expect(tab.frame().twin).toMatchObject({ isTravelling: true, frame: null })
  const twin = tab.twin()
  expect(twin.to).toContain('--bitmap=none')
  expect(twin.frame?.time).toBe(tab.frame().time)
  expect(twin.frame?.arrays[0].bitmap).toBeNull()
  expect(tab.frame().arrays[0].bitmap).not.toBeNull()
  expect(tab.differences.filter(({ isFirst }) => isFirst)).toHaveLength(1)
  expect(tab.counters?.totals.find(({ name }) => name === 'bitmap writes')?.right).toBe(0)
  expect(tab.frames.at(-1)?.transport.state).toBe('paused')
})

test('steps, there and back, and the way to a moment: both show the same instant again', async () => {
  const tab = await begin()
  await tab.host.type('compare --chunk=16')
  const whole = tab.twin()
  const { steps } = tab.frame()
  const end = pictureOf(whole.frame)
  const counters = tab.counters
  expect(await tab.host.seek(steps - 30)).toBeNull()
  const there = tab.twin()
  expect(there.view).toBeGreaterThan(whole.view)
  expect(there.frame?.time).toBe(tab.frame().time)
  expect(tab.counters).not.toEqual(counters)
  const picture = pictureOf(there.frame)
  const stepped = tab.host.stepForward(3)
  tab.live(5)
  expect(await stepped).toBe(true)
  expect(pictureOf(tab.twin().frame)).not.toEqual(picture)
  await tab.host.stepBack(3)
  expect(pictureOf(tab.twin().frame)).toEqual(picture)
  await tab.host.live()
  expect(pictureOf(tab.twin().frame)).toEqual(end)
  expect(tab.counters).toEqual(counters)
})

test('what is typed, and the power, come to both; the pump plays both', async () => {
  const tab = await begin()
  await tab.host.type('compare --bitmap=none')
  const before = tab.twin().frame?.steps ?? 0
  await tab.host.play()
  tab.live(40)
  await tab.host.pause()
  expect(tab.twin().frame?.steps).toBeGreaterThan(before)
  expect(tab.twin().frame?.time).toBe(tab.frame().time)
  await tab.host.type('power cut')
  expect([tab.frame().powerOn, tab.twin().frame?.powerOn]).toEqual([false, false])
  await tab.host.type('fault add latent sda 8; power on')
  await tab.host.play()
  tab.live(20)
  expect(tab.twin().frame?.faults).toMatchObject([{ kind: 'latent', disk: 'sda' }])
  const right = await tab.host.viewTwinDisk('sda', 16, 1)
  const left = await tab.host.viewDisk('sda', 16, 1)
  expect(left?.newest.some((byte) => byte !== 0)).toBe(true)
  expect(right?.newest).not.toEqual(left?.newest)
})

test('one machine again, and a reset in the middle of a comparison; memories are used again', async () => {
  const tab = await begin()
  await tab.host.type('compare --bitmap=none')
  tab.twin()
  await tab.host.type('compare off')
  expect(tab.frame().twin).toBeNull()
  expect(await tab.host.viewTwinDisk('sda', 0, 1)).toBeNull()
  await tab.host.type('compare --chunk=16')
  tab.live(0.2)
  await tab.host.reset({ script: ARRAY })
  await tab.host.play()
  tab.live(300)
  expect(tab.frame().twin).toBeNull()
  await tab.host.type('compare --chunk=32')
  expect(tab.twin().to).toContain('--chunk=32')
  expect(tab.others).toBe(2)
})

test('a browser without memory for more says so, and the one machine goes on', async () => {
  const tab = await begin()
  tab.isOutOfMemory = true
  await tab.host.type('compare --chunk=16')
  tab.frame()
  const said = tab.frames.flatMap(({ timeline }) => timeline?.said ?? [])
  expect(said.map(({ stderr }) => stderr)).toEqual([
    'compare: there is no memory left for the machines that this takes\n',
  ])
  expect(tab.frame().twin).toBeNull()
  const { steps } = tab.frame()
  await tab.host.play()
  tab.live(40)
  expect(tab.frame().steps).toBeGreaterThan(steps)
})
