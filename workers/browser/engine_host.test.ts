import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import type { ConsoleEntry, Frame } from '../../engine/api/frame.ts'
import { FRAME_REQUEST } from './engine_api.ts'
import { EngineHost } from './engine_host.ts'
import type { Surroundings } from './surroundings.ts'
import { StoreError, type MachineStore } from './machine_store.ts'
import { MemoryStore } from './memory_store.ts'

const DISKS = 'disk create sda 1M --model ssd\ndisk create sdb 1M\n'

/** A tab: its host, its clock, its reader. The store outlives it. */
class Tab {
  readonly host: EngineHost
  readonly frames: Frame[] = []
  readonly entries: ConsoleEntry[] = []
  real = 0
  wakes = 0
  readonly #port: { onmessage: ((event: { data: unknown }) => void) | null; postMessage(frame: Frame | null): void }

  constructor(store: MachineStore, openStore: Surroundings['openStore'] = () => Promise.resolve(store)) {
    const arena = new PlainArena(16 << 20)
    this.host = new EngineHost({
      realTime: () => (this.real += 0.001),
      openStore,
      removeStore: () => store.wipe(),
      recordings: () => Promise.resolve([]),
      freshName: () => 'a recording',
      arena: () => arena,
      spareArena: () => new PlainArena(16 << 20),
      wake: () => void this.wakes++,
    })
    this.#port = {
      onmessage: null,
      postMessage: (frame) => {
        if (frame === null) return
        this.frames.push(frame)
        this.entries.push(...frame.entries)
      },
    }
    void this.host.connect(this.#port as unknown as MessagePort)
  }

  live(milliseconds: number): void {
    const end = this.real + milliseconds
    while (this.real < end) this.real = Math.min(end, this.real + Math.max(0.01, this.host.turn()))
  }

  /** @returns the newest frame; the same again when nothing has changed */
  frame(): Frame {
    this.#port.onmessage?.({ data: FRAME_REQUEST })
    return this.frames[this.frames.length - 1]
  }

  async say(line: string): Promise<ConsoleEntry> {
    await this.host.type(line)
    for (let i = 0; i < 1000; i++) {
      this.live(1)
      if (this.frame().command === null && this.entries.at(-1)?.command === line) break
    }
    return this.entries[this.entries.length - 1]
  }
}

/** A store whose holder can be killed: what was given up is not closed. */
class LastingStore extends MemoryStore {
  override close(): void {
    return
  }
}

async function begin(store: MachineStore, script = DISKS): Promise<Tab> {
  const tab = new Tab(store)
  await tab.host.start({ script, seed: 5 })
  await tab.host.play()
  tab.live(5)
  return tab
}

test('a new machine is made by typing, and told as such', async () => {
  const tab = new Tab(new MemoryStore())
  const report = await tab.host.start({ script: DISKS, seed: 5 })
  expect(report).toEqual({
    store: 'memory',
    isFound: false,
    visit: 1,
    seed: 5,
    recording: 'a recording',
    link: null,
    notices: [],
    refusal: null,
  })
  await tab.host.play()
  tab.live(5)
  const frame = tab.frame()
  expect(tab.entries.map(({ command, status }) => [command, status])).toEqual([
    ['disk create sda 1M --model ssd', 0],
    ['disk create sdb 1M', 0],
  ])
  expect(frame.disks.map(({ name, sectors, model }) => [name, sectors, model])).toEqual([
    ['sda', 2048, 'ssd'],
    ['sdb', 2048, 'ideal'],
  ])
  expect(frame).toMatchObject({ powerOn: true, command: null, transport: { state: 'playing', failure: null } })
})

test('frames come when something has changed, and add up', async () => {
  const tab = await begin(new MemoryStore())
  await tab.host.pause()
  tab.frame()
  const count = tab.frames.length
  tab.frame()
  tab.live(10)
  tab.frame()
  expect(tab.frames.length).toBe(count)
  await tab.host.play()
  await tab.say('dd if=/dev/urandom of=/dev/sda bs=4k count=3 oflag=direct status=none')
  const rows = tab.frames.flatMap(({ traceRows }) => [...traceRows])
  expect(tab.frames[0].firstTraceRow).toBe(0)
  tab.frames.reduce(
    (next, { firstTraceRow, traceRows, firstCause, causes, firstEntry, entries }) => {
      expect([firstTraceRow, firstCause, firstEntry]).toEqual(next)
      return [firstTraceRow + traceRows.length / 8, firstCause + causes.length, firstEntry + entries.length]
    },
    [0, 0, 0],
  )
  expect(rows.length / 8).toBeGreaterThan(9)
  const frame = tab.frame()
  const causes = tab.frames.flatMap((one) => [...one.causes])
  expect(causes).toContain('dd if=/dev/urandom of=/dev/sda bs=4k count=3 oflag=direct status=none')
  expect([...frame.disks[0].cacheSectors]).toEqual([0, 8, 16])
  expect([...frame.disks[0].cacheMasks]).toEqual([255, 255, 255])
})

test('requests under way are in the frame, and the command that waits for them', async () => {
  const tab = await begin(new MemoryStore())
  await tab.host.pause()
  await tab.host.type('dd if=/dev/urandom of=/dev/sda bs=4k count=3 seek=2 oflag=direct')
  const reached = tab.host.stepForward(2)
  tab.live(1)
  expect(await reached).toBe(true)
  const frame = tab.frame()
  expect(frame.steps).toBe(2)
  expect(frame.transport.state).toBe('paused')
  expect(frame.command).toMatchObject({ line: 'dd if=/dev/urandom of=/dev/sda bs=4k count=3 seek=2 oflag=direct' })
  const [id, parent, opFlags, sector, sectors, cause] = frame.disks[0].inflight
  expect(id).toBeGreaterThan(0)
  expect([parent, opFlags & 7, sector, sectors]).toEqual([0, 1, 32, 8])
  expect(tab.frames.flatMap((one) => [...one.causes])[cause]).toBe(frame.command?.line)
})

test('what a disk’s cache holds is told apart from its medium', async () => {
  const tab = await begin(new MemoryStore())
  await tab.say("echo -n 'seven' > /tmp/x")
  await tab.say('dd if=/dev/zero of=/dev/sda bs=512 count=4 seek=6 oflag=direct conv=notrunc status=none')
  const bytes = await tab.host.readDisk('sda', 4, 8)
  expect([...(bytes?.isCached ?? [])]).toEqual([0, 0, 1, 1, 1, 1, 0, 0])
  await tab.say('dd if=/dev/urandom of=/dev/sda bs=512 count=1 seek=7 oflag=direct conv=notrunc status=none')
  const after = await tab.host.readDisk('sda', 7, 1)
  expect(after?.media.every((byte) => byte === 0)).toBe(true)
  expect(after?.newest.some((byte) => byte !== 0)).toBe(true)
  expect(await tab.host.readDisk('sdx', 0, 1)).toBeNull()
  expect((await tab.host.readDisk('sda', 2047, 8))?.media.length).toBe(512)
})

test('a tab that dies was a power cut: the next one finds disks, boot script and wounds, and boots', async () => {
  const store = new LastingStore()
  const first = await begin(store)
  await first.say("boot set <<'END'\ndd if=/dev/sda of=/tmp/found bs=512 count=1 status=none\nEND")
  await first.say('dd if=/dev/urandom of=/dev/sda bs=64k count=2 oflag=direct conv=fsync status=none')
  const [sum] = (await first.say('sha256sum /dev/sda')).stdout.split(' ')
  await first.say('fault add latent sdb 5')
  await first.say('fault add latent sda 100+4')
  await first.say('fault add rot sda 1500+2')
  await first.say('dd if=/dev/zero of=/dev/sda bs=512 count=1 seek=1501 oflag=direct conv=fsync status=none')
  await first.say('fault lift 1')
  await first.say('fault add hang sdb 3s')
  await first.say('sleep 1')
  const rot = await first.say('dd if=/dev/sda bs=512 skip=1500 count=2 status=none')
  await first.say('disk pull sdb')
  await first.say('dd if=/dev/urandom of=/dev/sda bs=4k count=1 oflag=direct status=none')

  const second = new Tab(store)
  const report = await second.host.start({ seed: 99 })
  expect(report).toMatchObject({ isFound: true, visit: 2, seed: 6, refusal: null })
  await second.host.play()
  second.live(5)
  const frame = second.frame()
  expect(frame.bootScript).toContain('/tmp/found')
  expect(second.entries.map(({ command, status }) => [command, status])).toEqual([
    ['dd if=/dev/sda of=/tmp/found bs=512 count=1 status=none', 0],
  ])
  expect(frame.disks.map(({ name, pulled }) => [name, pulled])).toEqual([
    ['sda', false],
    ['sdb', true],
  ])
  expect(frame.faults).toMatchObject([
    { id: 2, kind: 'latent', disk: 'sda', sector: 100, sectors: 4 },
    { id: 3, kind: 'rot', disk: 'sda', sector: 1500, sectors: 2, healed: 1 },
    { id: 4, kind: 'hang', disk: 'sdb' },
  ])
  const { amount } = frame.faults[2]
  expect([amount > 1.9e9, amount <= 2e9]).toEqual([true, true])
  // The same bits rot as before.
  expect((await second.say('dd if=/dev/sda bs=512 skip=1500 count=2 status=none')).stdout).toBe(rot.stdout)
  expect(rot.stdout.replaceAll('\0', '')).not.toBe('')
  expect((await second.say('fault add slow sda 2')).stdout).toBe('fault 5\n')
  await second.say('fault lift 2; fault lift 3')
  expect((await second.say('sha256sum /dev/sda')).stdout.split(' ')[0]).toBe(sum)
})

test('what is new comes to the store soon, and the clock never goes back', async () => {
  const store = new LastingStore()
  const tab = await begin(store)
  expect(store.stored?.disks.length).toBe(2)
  await tab.say('sleep 100')
  expect(store.stored?.clockSeconds).toBeGreaterThanOrEqual(1_767_225_600 + 100)
  const next = new Tab(store)
  await next.host.start()
  await next.host.play()
  next.live(1)
  expect(store.stored?.clockSeconds).toBeGreaterThanOrEqual(1_767_225_600 + 160)
})

test('an image goes out and comes in again, elsewhere and in place', async () => {
  const store = new LastingStore()
  const tab = await begin(store)
  await tab.say('dd if=/dev/urandom of=/dev/sdb bs=4k count=3 oflag=direct conv=fsync status=none')
  const [sum] = (await tab.say('sha256sum /dev/sdb')).stdout.split(' ')
  const image = await tab.host.exportDisk('sdb')
  expect(image?.length).toBe(1 << 20)
  const { generation } = tab.frame()
  const report = await tab.host.importDisk('sdc', image as Uint8Array, 'hdd')
  expect(report).toMatchObject({ isFound: true, visit: 2 })
  tab.live(5)
  expect(tab.frame().generation).toBe(generation + 1)
  expect(tab.frame().disks.map(({ name, model }) => [name, model])).toEqual([
    ['sda', 'ssd'],
    ['sdb', 'ideal'],
    ['sdc', 'hdd'],
  ])
  expect((await tab.say('sha256sum /dev/sdc')).stdout.split(' ')[0]).toBe(sum)
  await tab.host.importDisk('sda', new Uint8Array(512).fill(7))
  expect((await tab.say('blockdev --getsize64 /dev/sda')).stdout).toBe('512\n')
  await expect(tab.host.importDisk('sda', new Uint8Array(100))).rejects.toThrow('sectors')
  await expect(tab.host.importDisk('../x', new Uint8Array(512))).rejects.toThrow('name')
  expect(await tab.host.exportDisk('sdq')).toBeNull()
})

test('a reset forgets everything', async () => {
  const store = new LastingStore()
  const tab = await begin(store)
  await tab.say('fault add latent sda 1')
  const report = await tab.host.reset({ script: 'disk create sdq 4K' })
  expect(report).toMatchObject({ isFound: false, visit: 1 })
  tab.live(5)
  const frame = tab.frame()
  expect(frame.disks.map(({ name }) => name)).toEqual(['sdq'])
  expect(frame.faults).toEqual([])
  expect(frame.firstEntry).toBe(0)
})

test('a machine that another tab has is refused in plain words, and nothing runs', async () => {
  const tab = new Tab(new MemoryStore(), () => Promise.reject(new StoreError('locked', 'Close the other tab.')))
  const report = await tab.host.start()
  expect(report.refusal).toEqual({ reason: 'locked', message: 'Close the other tab.' })
  await tab.host.play()
  tab.live(5)
  expect(tab.frame()).toBeUndefined()
  await expect(tab.host.type('true')).rejects.toThrow('no machine')
})

test('a store that fails is told once, and the machine goes on', async () => {
  class Full extends LastingStore {
    override save(): void {
      throw new Error('the disk is full')
    }
  }
  const tab = await begin(new Full())
  await tab.say('sleep 5')
  expect(tab.frame().transport.notices).toEqual([
    'The browser does not keep this machine for the next visit: the disk is full',
  ])
  expect(tab.frame().transport.state).toBe('playing')
})

test('a cut falls at once, also while it pauses in the middle of a command', async () => {
  const tab = await begin(new MemoryStore())
  await tab.host.pause()
  await tab.host.type('dd if=/dev/zero of=/dev/sda bs=4k count=100 oflag=direct')
  const reached = tab.host.stepForward(7)
  tab.live(1)
  await reached
  await tab.host.type('power cut')
  const frame = tab.frame()
  expect(frame.powerOn).toBe(false)
  expect(frame.steps).toBe(7)
  expect(frame.entries.slice(-2).map(({ argv0, status }) => [argv0, status])).toEqual([
    ['power', 0],
    ['dd', 1],
  ])
})

test('the recording of a tab is a text that names its lines', async () => {
  const tab = await begin(new MemoryStore())
  await tab.say('echo here')
  const text = await tab.host.exportRecording()
  expect(text).toContain('seed 5')
  expect(text).toContain('\necho here\n')
})

test('bytes of a disk come with what lies on it, and with the step they were read at', async () => {
  const tab = await begin(new MemoryStore(), 'disk create sda 2M --model ssd\ndisk create sdb 2M\ndisk create sdc 2M\n')
  const create =
    'mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --bitmap=internal --bitmap-chunk=64K'
  expect((await tab.say(`${create} /dev/sda /dev/sdb /dev/sdc`)).stderr).toContain('started')
  const view = await tab.host.viewDisk('sda', 8, 1)
  expect(view?.structures.map(({ kind, sector }) => [kind, sector])).toEqual(
    expect.arrayContaining([
      ['superblock', 8],
      ['bitmap', 16],
    ]),
  )
  expect(view).toMatchObject({ sector: 8, diskSectors: 4096, steps: tab.frame().steps })
  expect(view?.newest.length).toBe(512)
  expect((await tab.host.viewDisk('sda', 4096, 1))?.newest.length).toBe(0)
  expect(await tab.host.viewDisk('sdz', 0, 1)).toBeNull()
})

test('a browser that takes no more bytes pauses the machine, and is told; it can be tried again', async () => {
  class Refusing extends LastingStore {
    override refusal: string | null = null
    override writeBack(): string | null {
      return this.refusal
    }
  }
  const store = new Refusing()
  const tab = await begin(store)
  const incident = tab.host.incident()
  store.refusal = 'no room'
  tab.live(5)
  expect(await incident).toEqual({ kind: 'full', reason: 'no room' })
  expect(tab.frame().transport.state).toBe('paused')
  await tab.host.play()
  tab.live(5)
  expect(tab.frame().transport.state).toBe('playing')
  expect(await tab.host.writeBack()).toBe('no room')
  store.refusal = null
  expect(await tab.host.writeBack()).toBeNull()
  expect((await tab.say('echo on')).stdout).toBe('on\n')
})

test('another tab takes the machine: here it is given up, and somebody hears of it', async () => {
  let take: (() => void) | undefined
  const store = new LastingStore()
  const tab = new Tab(store, (_, { onTaken }) => {
    take = onTaken
    return Promise.resolve(store)
  })
  await tab.host.start({ script: DISKS, seed: 5 })
  await tab.host.play()
  tab.live(5)
  await tab.say('disk pull sdb')
  take?.()
  expect(await tab.host.incident()).toEqual({ kind: 'taken' })
  await expect(tab.host.type('true')).rejects.toThrow('no machine')
  expect(store.stored?.disks.map(({ pulled }) => pulled)).toEqual([false, true])
})

test('an image that there is no room for leaves the machine as it was', async () => {
  class Full extends LastingStore {
    override createImage(): void {
      throw new Error('no room for the image')
    }
  }
  const tab = await begin(new Full())
  const { generation } = tab.frame()
  await expect(tab.host.importDisk('sda', new Uint8Array(512))).rejects.toThrow('no room')
  await expect(tab.host.importDisk('null', new Uint8Array(512))).rejects.toThrow('name')
  expect((await tab.say('blockdev --getsize64 /dev/sda')).stdout).toBe('1048576\n')
  expect(tab.frame().generation).toBe(generation)
})
