import { describe, expect, test } from 'vitest'
import { FLUSH, READ, WRITE } from '../block/bio.ts'
import { decodeTraceRow, TRACE_COLUMNS } from '../sim/trace.ts'
import { say, setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import type { Workload } from './workload.ts'

function workload(machine: Machine): Workload {
  return machine.workloads.list()[0]
}

/** Sector and operation of each bio that the disk was given. */
function submitted(machine: Machine): { op: number; sector: number; sectors: number }[] {
  const { rows } = machine.sim.trace.since(0)
  return Array.from({ length: rows.length / TRACE_COLUMNS }, (_, i) => decodeTraceRow(rows, i))
    .filter(({ event }) => event === 'bio_submit')
    .map(({ opFlags, sector, sectors }) => ({
      op: Number(opFlags) & 7,
      sector: Number(sector),
      sectors: Number(sectors),
    }))
}

test('seq goes round in its region', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda --pattern seq --size 8K --region 16K+40K\nstep 7')
  const bios = submitted(machine)
  expect(bios.map(({ sector }) => sector).slice(0, 7)).toEqual([32, 48, 64, 80, 96, 32, 48])
  expect(bios.every(({ op, sectors }) => op === WRITE && sectors === 16)).toBe(true)
})

test('random stays in its region, reads and writes as asked, and keeps its depth', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 1M --model ssd')
  setUp(machine, 'workload start w /dev/sda --read 30 --depth 5 --region 128K+256K\nrun 20ms')
  const bios = submitted(machine)
  expect(bios.length).toBeGreaterThan(300)
  expect(bios.every(({ sector }) => sector >= 256 && sector + 8 <= 768 && sector % 8 === 0)).toBe(true)
  expect(new Set(bios.map(({ sector }) => sector)).size).toBe(64)
  const reads = bios.filter(({ op }) => op === READ).length / bios.length
  expect(reads).toBeGreaterThan(0.2)
  expect(reads).toBeLessThan(0.4)
  expect(workload(machine).inflight).toBe(5)
})

test('--sync flushes after every write', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda --sync\nrun 50us\nsettle')
  const bios = submitted(machine)
  expect(bios.length).toBeGreaterThan(10)
  expect(bios.map(({ op }) => op)).toEqual(bios.map((_, i) => (i % 2 === 0 ? WRITE : FLUSH)))
  expect(workload(machine)).toMatchObject({ ios: bios.length / 2, writes: bios.length / 2 })
})

test('--rate starts so many a second', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda --rate 200\nrun 5s')
  expect(workload(machine).ios).toBeGreaterThan(950)
  expect(workload(machine).ios).toBeLessThan(1050)
})

test('what it counts adds up', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K --model ssd\nworkload start w /dev/sda --read 50 --depth 3\nrun 20ms\nsettle')
  const { ios, reads, writes, bytes, errors, latencies } = workload(machine)
  expect(ios).toBe(reads + writes)
  expect(bytes).toBe(ios * 4096)
  expect(errors).toBe(0)
  expect(latencies.reduce((sum, count) => sum + count)).toBe(ios)
})

test('every payload is one of its kind', () => {
  const machine = testMachine()
  setUp(
    machine,
    'disk create sda 64K\nworkload start w /dev/sda --pattern seq\nstep 16\nworkload stop w\nsync /dev/sda',
  )
  const bytes = new Uint8Array(65536)
  machine.media('sda')?.read(0, bytes, 0, bytes.length)
  const sectors = new Set(Array.from({ length: 128 }, (_, i) => bytes.subarray(i * 512, i * 512 + 512).join()))
  expect(sectors.size).toBe(128)
})

describe('errors are counted and tried past', () => {
  test('of a disk with bad sectors', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nfault add latent sda 0+64\nworkload start w /dev/sda --read 100\nrun 100ms')
    const { ios, errors } = workload(machine)
    expect(errors).toBeGreaterThan(50)
    expect(ios - errors).toBeGreaterThan(10)
  })

  test('of a device that fails at once, without time standing still', () => {
    const machine = testMachine()
    setUp(machine, "dmsetup create e --table '0 128 error'\nworkload start w /dev/mapper/e --depth 2\nrun 10ms")
    expect(workload(machine)).toMatchObject({ errors: workload(machine).ios, bytes: 0 })
    expect(workload(machine).errors).toBeGreaterThan(10)
    expect(workload(machine).errors).toBeLessThan(30)
  })
})

test('a device that takes no time does not stop the clock', () => {
  const machine = testMachine()
  setUp(machine, "dmsetup create z --table '0 128 zero'\nworkload start w /dev/mapper/z --depth 2 --read 50\nrun 1ms")
  expect(workload(machine).ios).toBeGreaterThan(1000)
})

test('the device stays open until the last I/O has come back', () => {
  const machine = testMachine()
  setUp(machine, "disk create sda 64K --model hdd\ndmsetup create l --table '0 128 linear /dev/sda 0'")
  setUp(machine, 'workload start w /dev/mapper/l --depth 4\nrun 1ms')
  expect(say(machine, 'dmsetup remove l').status).not.toBe(0)
  expect(workload(machine).inflight).toBe(4)
  setUp(machine, 'workload stop w\ndmsetup remove l')
  expect(machine.unsettled()).toBeNull()
})

test('the same name, seed and device do the same, whoever else runs', () => {
  const alone = testMachine()
  setUp(alone, 'disk create sda 64K\nworkload start w /dev/sda\nstep 50')
  const beside = testMachine()
  setUp(
    beside,
    'disk create sda 64K\ndisk create sdb 64K\nworkload start v /dev/sdb\nworkload start w /dev/sda\nrun 1ms',
  )
  const sda = submitted(alone).map(({ sector }) => sector)
  const { rows } = beside.sim.trace.since(0)
  const same = Array.from({ length: rows.length / TRACE_COLUMNS }, (_, i) => decodeTraceRow(rows, i))
    .filter(({ event, device }) => event === 'bio_submit' && device === 8 * 1048576)
    .map(({ sector }) => sector)
  expect(same.slice(0, sda.length)).toEqual(sda)
})
