/** A tab dies at every single operation of a restoration: what the next visit finds is one moment or the other, never a mixture. */
import { expect, test } from 'vitest'
import { PlainArena } from '../../engine/base/arena.ts'
import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'
import { Machine, type Host } from '../../engine/lab/machine.ts'
import { Session } from '../../engine/lab/session.ts'
import { LoggedRestore, RestoreLog, type LogFile } from './restore_log.ts'

class Death extends Error {}

/** The files of a visit, and how many operations it still lives for. */
class Files {
  readonly bytes = new Map<string, Uint8Array<ArrayBuffer>>()
  left = Infinity
  operations = 0
  room = Infinity

  live(): void {
    this.operations++
    if (this.left-- <= 0) throw new Death('the tab died')
  }

  get(name: string): Uint8Array<ArrayBuffer> {
    return this.bytes.get(name) ?? new Uint8Array(0)
  }

  write(name: string, at: number, from: Uint8Array): void {
    this.live()
    const end = at + from.length
    const old = this.get(name)
    if (name === 'log' && end > this.room) throw new Error('the quota is used up')
    const bytes = new Uint8Array(Math.max(old.length, end))
    bytes.set(old)
    bytes.set(from, at)
    this.bytes.set(name, bytes)
  }

  log(): LogFile {
    return {
      read: (into, options) => {
        const from = this.get('log').subarray(options?.at ?? 0)
        const target = into as Uint8Array
        const count = Math.min(from.length, target.length)
        target.set(from.subarray(0, count))
        return count
      },
      write: (from, options) => {
        this.write('log', options?.at ?? 0, from as Uint8Array)
        return (from as Uint8Array).length
      },
      truncate: (size) => {
        this.live()
        this.bytes.set('log', this.get('log').slice(0, size))
      },
      getSize: () => this.get('log').length,
      flush: () => this.live(),
    }
  }

  copy(): Files {
    const copy = new Files()
    for (const [name, bytes] of this.bytes) copy.bytes.set(name, bytes.slice())
    return copy
  }

  /** What the next visit does first. */
  recover(): void {
    const log = new RestoreLog(this.log())
    const pending = log.pending()
    for (const { file, at, bytes } of pending?.writes ?? []) this.write(file, at, bytes)
    if (pending !== null) this.bytes.set('table', new TextEncoder().encode(pending.description))
    log.clear()
  }

  /** Disks and description. */
  get state(): string {
    return ['sda', 'sdb', 'table'].map((name) => Buffer.from(this.get(name)).toString('latin1')).join('|')
  }
}

class FileHost implements Host {
  readonly [SHARED] = true
  readonly notices: string[] = []
  files: Files

  constructor(files: Files) {
    this.files = files
  }

  createBacking(name: string, sizeBytes: number): Backing {
    this.files.bytes.set(name, new Uint8Array(sizeBytes))
    return {
      [SHARED]: true,
      sizeBytes,
      read: (at, into) => into.set(this.files.get(name).subarray(at, at + into.length)),
      write: (at, from) => this.files.write(name, at, from),
      flush: () => this.files.live(),
    } as Backing
  }

  beginRestore(machine: Machine): LoggedRestore {
    const describe = (): string =>
      machine
        .disks()
        .map(({ name, pulled }) => `${name} ${pulled}`)
        .join()
    return new LoggedRestore(new RestoreLog(this.files.log()), {
      fileOf: (disk) => disk,
      describe,
      done: () => {
        this.files.live()
        this.files.bytes.set('table', new TextEncoder().encode(describe()))
        return true
      },
      unsafe: (reason) => this.notices.push(reason),
    })
  }
}

const LINES = [
  'disk create sda 256K',
  'disk create sdb 256K',
  'dd if=/dev/urandom of=/dev/sda bs=64k count=4 oflag=direct conv=fsync status=none',
  'dd if=/dev/urandom of=/dev/sdb bs=4k count=3 seek=5 oflag=direct conv=fsync status=none',
  'disk pull sdb',
]

function begin(files: Files): { session: Session; host: FileHost } {
  const host = new FileHost(files)
  const machine = new Machine({ seed: 3, arena: new PlainArena(4 << 20), host })
  const session = new Session(machine, { arena: () => new PlainArena(4 << 20) })
  for (const line of LINES) {
    session.type(line)
    while (session.busy && session.run() > 0);
  }
  files.bytes.set('table', new TextEncoder().encode('sda false,sdb true'))
  // Back before the second write.
  session.beforeLine(3)
  session.arrive()
  return { session, host }
}

test('whenever the tab dies while a past moment becomes live, the next visit finds one moment or the other', () => {
  const whole = new Files()
  const { session } = begin(whole)
  const before = whole.state
  const from = whole.operations
  session.type('true')
  const after = whole.state
  const count = whole.operations - from
  expect(after).not.toBe(before)
  expect(count).toBeGreaterThan(8)
  const found: string[] = []
  for (let left = 0; left < count; left++) {
    const files = new Files()
    const again = begin(files)
    files.left = left
    expect(() => again.session.type('true')).toThrow(Death)
    // The visit after that may die while it makes good, too.
    for (let patience = 0; patience < 100; patience++) {
      const next = files.copy()
      next.left = patience
      try {
        next.recover()
      } catch (error) {
        if (!(error instanceof Death)) throw error
        next.left = Infinity
        next.recover()
        expect(next.state === before || next.state === after, `died at ${left}, then at ${patience}`).toBe(true)
        continue
      }
      found.push(next.state)
      expect(next.get('log').length).toBe(0)
      break
    }
  }
  const turn = found.indexOf(after)
  expect(turn).toBeGreaterThan(2)
  expect(found).toEqual(found.map((_, i) => (i < turn ? before : after)))
})

test('where there is no room for the log, it goes on without, and says so', () => {
  const files = new Files()
  const { session, host } = begin(files)
  const safe = files.copy()
  files.room = 5000
  session.type('true')
  expect(host.notices).toEqual(['the quota is used up'])
  expect(files.get('log').length).toBe(0)
  expect(files.state).not.toBe(safe.state)
  session.switchTo('branch 1')
  expect(files.state).toBe(safe.state)
})

test('half a log, and a log of something else, is no log', () => {
  const files = new Files()
  const log = new RestoreLog(files.log())
  expect(log.pending()).toBeNull()
  log.begin()
  log.add('sda', 512, new Uint8Array(5).fill(7))
  expect(log.pending()).toBeNull()
  log.commit('new')
  expect(log.pending()).toEqual({
    writes: [{ file: 'sda', at: 512, bytes: new Uint8Array(5).fill(7) }],
    description: 'new',
  })
  const committed = files.get('log').slice()
  for (let length = 0; length < committed.length; length++) {
    files.bytes.set('log', committed.slice(0, length))
    expect(log.pending(), `${length} bytes`).toBeNull()
  }
  for (let at = 0; at < 16; at++) {
    const spoilt = committed.slice()
    spoilt[at] ^= 0x41
    files.bytes.set('log', spoilt)
    expect(log.pending(), `byte ${at}`).toBeNull()
  }
})
