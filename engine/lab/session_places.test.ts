import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SHARED } from '../base/copy.ts'
import type { Backing } from '../block/backing.ts'
import { setUp, testMachine } from './fixture.ts'
import { hashDisks } from './hash.ts'
import { settleDown, stateHash, testSession } from './history_fixture.ts'
import type { Host } from './machine.ts'
import type { Session } from './session.ts'

/** A disk's bytes in a file. */
class FileBacking implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly path: string
  readonly #file: number
  written = 0

  constructor(path: string, sizeBytes: number) {
    this.path = path
    this.sizeBytes = sizeBytes
    this.#file = openSync(path, 'w+')
    ftruncateSync(this.#file, sizeBytes)
  }

  read(at: number, into: Uint8Array): void {
    const count = readSync(this.#file, into, 0, into.length, at)
    into.fill(0, count)
  }

  write(at: number, from: Uint8Array): void {
    this.written += writeSync(this.#file, from, 0, from.length, at)
  }

  flush(): void {
    return
  }

  bytes(): Buffer {
    return readFileSync(this.path)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** A folder of files; the newest of a name is the disk's. */
class Folder implements Host {
  readonly [SHARED] = true
  readonly path = mkdtempSync(join(tmpdir(), 'places-'))
  readonly files: { name: string; backing: FileBacking }[] = []

  createBacking(name: string, sizeBytes: number): FileBacking {
    const backing = new FileBacking(join(this.path, `${this.files.length}`), sizeBytes)
    this.files.push({ name, backing })
    return backing
  }

  /** The file that a disk of this name has now. */
  file(name: string): FileBacking {
    const found = this.files.filter((file) => file.name === name).at(-1)
    if (found === undefined) throw new Error(`no ${name}`)
    return found.backing
  }

  /** What all files hold. */
  contents(): Record<string, string> {
    const names = [...new Set(this.files.map(({ name }) => name))]
    return Object.fromEntries(names.map((name) => [name, this.file(name).bytes().toString('latin1')]))
  }

  get written(): number {
    return this.files.reduce((sum, { backing }) => sum + backing.written, 0)
  }

  remove(): void {
    for (const { backing } of this.files) backing.close()
    rmSync(this.path, { recursive: true })
  }
}

let folder: Folder
beforeEach(() => (folder = new Folder()))
afterEach(() => folder.remove())

const WORK = `disk create sda 512K --model ssd
disk create sdb 512K
workload start a /dev/sda --depth 4 --size 12K --sync
workload start b /dev/sdb --pattern seq --size 64K`

function atWork(host: Host = folder): Session {
  const session = testSession({}, testMachine({ host }))
  for (const line of WORK.split('\n')) {
    session.type(line)
    settleDown(session)
  }
  return session
}

function runTo(session: Session, step: number): void {
  while (session.sim.steps < step) expect(session.run({ untilStep: step, maxEvents: 500 })).toBeGreaterThan(0)
}

function goTo(session: Session, step: number): void {
  expect(session.seek(step)).toMatchObject({ ok: true })
  session.arrive()
}

test('looking at the past writes nothing; acting there gives the files its bytes, and the other branch keeps its own', () => {
  const session = atWork()
  runTo(session, 300)
  const then = { files: folder.contents(), state: stateHash(session.machine) }
  runTo(session, 900)
  const now = { files: folder.contents(), state: stateHash(session.machine) }
  const written = folder.written
  goTo(session, 300)
  expect(stateHash(session.machine)).toBe(then.state)
  goTo(session, 600)
  goTo(session, 300)
  expect(folder.written).toBe(written)
  expect(session.restoredBytes).toBe(0)

  session.type('true')
  expect(folder.contents()).toEqual(then.files)
  expect(session.restoredBytes).toBe(folder.written - written)
  expect(session.restoredBytes).toBeGreaterThan(0)
  runTo(session, 500)
  const other = { files: folder.contents(), state: stateHash(session.machine) }
  expect(other.files).not.toEqual(then.files)

  session.switchTo('branch 1')
  expect(folder.contents()).toEqual(now.files)
  expect(stateHash(session.machine)).toBe(now.state)
  runTo(session, 1000)
  goTo(session, 300)
  expect(stateHash(session.machine)).toBe(then.state)
  session.switchTo('branch 2')
  expect(folder.contents()).toEqual(other.files)
  expect(stateHash(session.machine)).toBe(other.state)
})

test('the place where the bytes are makes no difference to time travel', () => {
  const memory = testMachine().host
  const [outside, inside] = [folder, memory].map((host) => {
    const session = atWork(host)
    runTo(session, 500)
    goTo(session, 200)
    session.type('fault add slow sda 2')
    runTo(session, 400)
    goTo(session, 150)
    session.type('power cut')
    session.type('power on')
    settleDown(session)
    return { disks: hashDisks(session.machine), steps: session.sim.steps, now: session.sim.now }
  })
  expect(outside).toEqual(inside)
})

test('disks that held data when it began get it back', () => {
  const machine = testMachine({ host: folder })
  const backing = folder.createBacking('sda', 65_536)
  backing.write(0, new Uint8Array(65_536).fill(0x5a))
  machine.attachDisk('sda', backing)
  const session = testSession({}, machine)
  session.type('dd if=/dev/zero of=/dev/sda bs=4k oflag=direct; blockdev --flushbufs /dev/sda')
  settleDown(session)
  session.type('power cut --keep all')
  expect(folder.contents().sda).not.toContain('Z')
  session.beforeLine(0)
  session.arrive()
  session.type('true')
  expect(folder.contents().sda).toBe('Z'.repeat(65_536))
})

test('a disk that was replaced by a blank one is the old one again, and the blank one again', () => {
  const session = atWork()
  runTo(session, 300)
  const { sda: old } = folder.contents()
  session.type('disk pull sda')
  session.type('disk insert sda --blank')
  session.type('dd if=/dev/urandom of=/dev/sda bs=64k count=1 oflag=direct')
  settleDown(session)
  const fresh = folder.contents()
  expect(folder.files).toHaveLength(3)
  goTo(session, 300)
  session.type('true')
  expect(folder.contents().sda).toBe(old)
  session.switchTo('branch 1')
  expect(folder.contents()).toEqual(fresh)
  expect(folder.files).toHaveLength(3)
})

test('a disk of another size on another branch gets a place of its own', () => {
  const session = testSession({}, testMachine({ host: folder }))
  session.type('disk create sda 64K')
  session.type('dd if=/dev/urandom of=/dev/sda bs=4k count=4 oflag=direct')
  settleDown(session)
  session.type('power cut --keep all')
  const first = folder.file('sda').bytes()
  session.beforeLine(0)
  session.arrive()
  session.type('disk create sda 128K')
  expect(folder.file('sda').bytes()).toHaveLength(131_072)
  session.switchTo('branch 1')
  expect(folder.file('sda').bytes().equals(first)).toBe(true)
})

test('where the host has no room, a disk is in memory and its past is as good', () => {
  const host: Host = { [SHARED]: true, createBacking: () => null }
  const session = atWork(host)
  runTo(session, 300)
  const then = stateHash(session.machine)
  runTo(session, 400)
  goTo(session, 300)
  session.type('true')
  runTo(session, 310)
  goTo(session, 300)
  expect(stateHash(session.machine)).toBe(then)
})

test('a bare machine on files is copied as before', () => {
  const machine = testMachine({ host: folder })
  setUp(machine, WORK.replace(/workload.*/g, ''))
  const kept = machine.keep()
  expect(kept.machine.media('sda')?.isOutside).toBe(false)
  expect(machine.media('sda')?.isOutside).toBe(true)
})

test('what the oldest moment alone still holds counts, and is given up with it when it is too much', () => {
  const machine = testMachine({ host: folder })
  machine.attachDisk('sda', folder.createBacking('sda', 4 << 20))
  const session = testSession({ budgetBytes: 3 << 20 }, machine)
  const fill = 'dd if=/dev/urandom of=/dev/sda bs=64k count=64 oflag=direct conv=fsync status=none'
  for (const line of ['true', fill, 'true', 'true']) {
    session.type(line)
    settleDown(session)
  }
  expect(session.leftEnd.reason).toMatch(/not kept.* 3 MiB/)
  expect(session.leftEnd.lines).toBe(2)
  expect(session.bytes).toBeLessThan(3 << 20)
  const roomy = testSession({}, testMachine({ host: folder }))
  roomy.type('disk create sdb 4M')
  settleDown(roomy)
  roomy.type(fill.replace('sda', 'sdb'))
  settleDown(roomy)
  roomy.type('true')
  expect(roomy.bytes).toBeGreaterThan(4 << 20)
})
