import { expect, test } from 'vitest'
import { decodeTraceRow } from '../sim/trace.ts'
import { setUp, testMachine } from './fixture.ts'

const ARRAY = `disk create a 2M --model ssd
disk create b 2M --model ssd
disk create c 2M --model ssd
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64 --assume-clean --run /dev/a /dev/b /dev/c
settle`
const WRITE = 'dd if=/dev/zero of=/dev/md0 bs=4k count=3 oflag=direct conv=fsync status=none'

test('every request in the trace tells the line, or the thread of the kernel, that it comes from', () => {
  const machine = testMachine()
  setUp(machine, ARRAY)
  const from = machine.sim.trace.written
  setUp(machine, WRITE)
  const { rows } = machine.sim.trace.since(from)
  const submitted = Array.from({ length: rows.length / 8 }, (_, i) => decodeTraceRow(rows, i)).filter(
    ({ event }) => event === 'bio_submit',
  )
  expect(submitted.length).toBeGreaterThan(10)
  const causes = new Set(submitted.map(({ cause }) => machine.sim.causes[Number(cause)]))
  expect([...causes].sort()).toEqual([WRITE, 'md0 superblocks'])
  // A part of a request has the cause of the whole.
  const byId = new Map(submitted.map((row) => [row.bio, row]))
  const parts = submitted.filter(({ parent }) => byId.has(parent))
  expect(parts.length).toBeGreaterThan(3)
  for (const { parent, cause } of parts) expect(cause).toBe(byId.get(parent)?.cause)
  for (const { opFlags } of submitted) expect(Number(opFlags)).toBeLessThan(256)
})
