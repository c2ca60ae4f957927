/** Logs with bytes that nobody wrote: whatever they say, each line comes to its end, and nothing is written beside the array's own sectors. */
import { expect, test } from 'vitest'
import { crc32c } from '../base/crc32c.ts'
import { encodeJournalMeta, journalSeed, MD_JOURNAL_BYTES, type JournalPayload } from '../format/md_journal.ts'
import { Chance } from '../sim/chance.ts'
import { setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { tryTarget } from './spoilt_fixture.ts'

const SEED = 20261120
const ROUNDS = 30
const LEGS = ['a', 'b', 'c', 'd']
/** Of 1 MiB a leg, the set uses half. */
const USED_SECTORS = 1024
const LOG_BYTES = 4 << 20
const UUID_SEED = journalSeed(new Uint8Array(16))

function tableOf(type: string, mode: string): string {
  const parity = type.startsWith('raid6') ? 2 : 1
  const legs = LEGS.map((leg) => `/dev/x${leg} /dev/${leg}`).join(' ')
  return `0 ${USED_SECTORS * (4 - parity)} raid ${type} 5 16 journal_dev /dev/j journal_mode ${mode} 4 ${legs}`
}

/** A page of the log, read from its medium. */
function block(machine: Machine, at: number): Uint8Array {
  const bytes = new Uint8Array(MD_JOURNAL_BYTES)
  machine.disk('j')?.media.read(at, bytes, 0, bytes.length)
  return bytes
}

/** Changes some bytes of a meta block, and mends its sum, lest nobody look at it. */
function spoilBlock(machine: Machine, at: number, chance: Chance): void {
  const bytes = block(machine, at)
  const view = new DataView(bytes.buffer)
  for (let count = 1 + chance.below(6); count > 0; count--) {
    const where = 8 + chance.below(chance.below(2) === 0 ? 24 : 120)
    if (chance.below(3) === 0) view.setUint32(where & ~3, [0, 8, 16, 0xffffffff, 4096][chance.below(5)], true)
    else bytes[where] = chance.uint32()
  }
  if (chance.below(5) > 0) {
    view.setUint32(4, 0, true)
    view.setUint32(4, crc32c(UUID_SEED, bytes), true)
  }
  machine.disk('j')?.media.write(at, bytes, 0, bytes.length)
}

/** A log of blocks that are right by themselves and speak of anything at all, with sums that fit. */
function inventLog(machine: Machine, chance: Chance, parityPages: number): void {
  const media = machine.disk('j')?.media
  const page = new Uint8Array(MD_JOURNAL_BYTES)
  let sector = 0
  for (let seq = 7; seq < 7 + 40 && sector < LOG_BYTES / 512 - 256; seq++) {
    const payloads: JournalPayload[] = []
    const pages: Uint8Array[] = []
    for (let count = chance.below(6); count > 0; count--) {
      const anywhere = chance.below(6) === 0
      // Behind what the set uses there is room on each leg: what is not refused would be written there.
      const far =
        chance.below(2) === 0 ? chance.below(1024) * 8 : chance.uint32() * (chance.below(2) === 0 ? 1 : 2 ** 20)
      const location = anywhere ? far : chance.below(128) * 8
      const kind = chance.below(5)
      if (kind === 0) payloads.push({ kind: 'flush', stripes: [location, chance.below(64) * 8] })
      else {
        const length = kind < 3 ? 1 : parityPages
        const checksums = Array.from({ length }, () => {
          chance.fill(page)
          pages.push(Uint8Array.from(page))
          return chance.below(30) === 0 ? 5 : crc32c(UUID_SEED, page)
        })
        payloads.push({ kind: kind < 3 ? 'data' : 'parity', location, checksums })
      }
    }
    const meta = encodeJournalMeta(UUID_SEED, { seq, position: sector, payloads })
    media?.write(sector * 512, meta, 0, meta.length)
    pages.forEach((bytes, i) => media?.write(sector * 512 + (i + 1) * 4096, bytes, 0, bytes.length))
    sector += 8 * (1 + pages.length)
  }
}

/** What lies behind the sectors that the set uses of each leg. */
function beyond(machine: Machine): string[] {
  machine.flushDisks()
  return LEGS.filter((leg) => {
    const bytes = new Uint8Array(512 * USED_SECTORS)
    machine.disk(leg)?.media.read(512 * USED_SECTORS, bytes, 0, bytes.length)
    return bytes.some((byte) => byte !== 0)
  })
}

function afterwards(machine: Machine, table: string): void {
  tryTarget(machine, table)
  expect(beyond(machine)).toEqual([])
}

function makeDisks(machine: Machine): void {
  setUp(machine, LEGS.map((leg) => `disk create ${leg} 1M\ndisk create x${leg} 64K`).join('\n'))
  setUp(machine, `disk create j ${LOG_BYTES}`)
}

const CASES = [
  ['raid4', 'writethrough'],
  ['raid5_ls', 'writeback'],
  ['raid6_nr', 'writethrough'],
  ['raid6_zr', 'writeback'],
] as const

test.each(CASES)(`spoilt blocks of a log, %s, %s, seed ${SEED}`, { timeout: 240_000 }, (type, mode) => {
  const chance = new Chance(SEED, `${type} ${mode}`)
  for (let round = 0; round < ROUNDS; round++) {
    const machine = testMachine()
    const table = tableOf(type, mode)
    makeDisks(machine)
    setUp(machine, `dmsetup create r --table '${table}'\nsettle`)
    setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/r bs=8k count=12 oflag=direct\nsettle')
    if (chance.below(2) === 0) setUp(machine, 'power cut --keep all\npower on')
    else setUp(machine, 'dmsetup remove r')
    machine.flushDisks()
    const metas = Array.from({ length: 200 }, (_, i) => i * 4096).filter(
      (at) => new DataView(block(machine, at).buffer).getUint32(0, true) === 0x6433c509,
    )
    expect(metas.length).toBeGreaterThan(3)
    for (let count = 1 + chance.below(4); count > 0; count--) {
      spoilBlock(machine, metas[chance.below(metas.length)], chance)
    }
    afterwards(machine, table)
  }
})

test.each(CASES)(`invented logs, %s, %s, seed ${SEED}`, { timeout: 240_000 }, (type, mode) => {
  const chance = new Chance(SEED, `${type} ${mode} invented`)
  for (let round = 0; round < ROUNDS; round++) {
    const machine = testMachine()
    makeDisks(machine)
    inventLog(machine, chance, type.startsWith('raid6') ? 2 : 1)
    afterwards(machine, tableOf(type, mode))
  }
})
