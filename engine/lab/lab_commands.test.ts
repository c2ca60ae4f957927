import { describe, expect, test } from 'vitest'
import { MILLISECOND, SECOND } from '../sim/sim.ts'
import { say, setUp, testMachine } from './fixture.ts'
import { hashDisks } from './hash.ts'
import type { Machine } from './machine.ts'

/** What a refused command must leave as it was. */
function stateOf(machine: Machine): unknown {
  return [
    machine.disks(),
    machine.faults().map((fault) => ({ ...fault, healed: fault.healed.size })),
    machine.workloads.list().map((workload) => workload.name),
    machine.bootScript,
    machine.powerOn,
    machine.power.writesLeft,
    machine.seed,
    [...machine.rules],
    hashDisks(machine),
  ]
}

describe('disk', () => {
  test('disks are numbered in the order in which they came', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sdb 1M\ndisk create sda 64K --model hdd')
    expect(say(machine, 'disk list').stdout).toBe('sdb 8:0 1M ideal in place\nsda 8:16 64K hdd in place\n')
  })

  test('a pulled disk fails every I/O, and comes back old or blank', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda --sync\nrun 1ms\nworkload stop w')
    const [written] = Object.values(hashDisks(machine))
    setUp(machine, 'workload start w /dev/sda --read 100\ndisk pull sda\nrun 10ms')
    const errors = machine.workloads.list()[0].errors
    expect(errors).toBeGreaterThan(5)
    setUp(machine, 'disk insert sda --old\nrun 10ms')
    expect(machine.workloads.list()[0].errors).toBeGreaterThan(errors)
    expect(hashDisks(machine)).toEqual({ sda: written })
    setUp(machine, 'disk pull sda\ndisk insert sda --blank')
    expect(hashDisks(machine).sda).not.toBe(written)
  })
})

describe('power', () => {
  test('what was not flushed survives as --keep says', () => {
    for (const [keep, survives] of [
      ['none', false],
      ['all', true],
      ['sda:0+128', true],
      ['sda:100000', false],
    ] as const) {
      const machine = testMachine()
      setUp(machine, 'disk create sda 64K')
      const blank = hashDisks(machine)
      setUp(machine, 'workload start w /dev/sda\nrun 1ms\nworkload stop w')
      say(machine, `power cut --keep ${keep}`)
      expect(machine.powerOn).toBe(false)
      expect(hashDisks(machine).sda !== blank.sda).toBe(survives)
    }
  })

  test('an armed cut falls at the very write, and fails the command that was running', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda\npower cut --after-writes 20')
    const { writes } = machine.power
    expect(say(machine, 'run 1s')).toMatchObject({ status: 1, stderr: 'run: the power failed\n' })
    expect(machine.power.writes - writes).toBe(20)
    expect(machine.sim.now).toBeLessThan(MILLISECOND)
  })

  test('an armed cut falls at its time, and a later arming replaces it', () => {
    const machine = testMachine()
    setUp(machine, 'power cut --after 3ms\npower cut --after 5ms --keep all')
    say(machine, 'run 1s')
    expect(machine.powerOn).toBe(false)
    expect(machine.sim.now).toBe(5 * MILLISECOND)
  })

  test('power on runs the boot script, past lines that fail', () => {
    const machine = testMachine()
    setUp(machine, "disk create sda 64K\nboot set <<'END'\ndisk list\ndisk pull sdx\nboot show\nEND\npower cut")
    expect(say(machine, 'power on')).toMatchObject({
      stdout: 'sda 8:0 64K ideal in place\ndisk list\ndisk pull sdx\nboot show\n',
      stderr: 'disk: no disk sdx; there are sda\n',
      status: 1,
    })
    expect(machine.powerOn).toBe(true)
  })

  test('a cut can be armed for the boot', () => {
    const machine = testMachine()
    setUp(machine, "disk create sda 64K\nboot set <<'END'\nworkload start w /dev/sda\nrun 1s\nEND\npower cut")
    setUp(machine, 'power cut --after-writes 3')
    expect(say(machine, 'power on')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('power failed') as string,
    })
    expect(machine.powerOn).toBe(false)
  })
})

describe('fault', () => {
  test('faults are listed by their ids, and lifted', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nfault add rot sda 3\nfault add latent sda 8+8\nfault add slow sda 10')
    setUp(machine, 'fault add hang sda\nfault lift 1')
    expect(say(machine, 'fault list').stdout).toBe('2 latent sda 8+8\n3 slow sda 10 times\n4 hang sda until lifted\n')
  })

  test('a hanging disk completes nothing until the fault is lifted', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nfault add hang sda\nworkload start w /dev/sda\nrun 1s')
    expect(machine.sim.steps).toBe(0)
    expect(say(machine, 'settle')).toMatchObject({ status: 1, stderr: expect.stringContaining('I/O on sda') as string })
    setUp(machine, 'fault lift 1\nrun 1ms')
    expect(machine.sim.steps).toBeGreaterThan(100)
  })

  test('a hang with a time ends by itself', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K\nfault add hang sda 5ms\nworkload start w /dev/sda\nrun 4ms')
    expect(machine.sim.steps).toBe(0)
    setUp(machine, 'run 2ms')
    expect(machine.sim.steps).toBeGreaterThan(100)
  })
})

describe('time', () => {
  test('run passes exactly so much time', () => {
    const machine = testMachine()
    setUp(machine, 'run 250us\nrun 2s')
    expect(machine.sim.now).toBe(2 * SECOND + 250_000)
  })

  test('step is exactly so many completed disk I/Os', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K --model ssd\nworkload start w /dev/sda --depth 7')
    setUp(machine, 'step')
    expect(machine.sim.steps).toBe(1)
    setUp(machine, 'step 41')
    expect(machine.sim.steps).toBe(42)
    setUp(machine, 'seek 100')
    expect(machine.sim.steps).toBe(100)
    expect(say(machine, 'seek 99')).toMatchObject({ status: 1, stderr: expect.stringContaining('step 100') as string })
    expect(say(machine, 'step --back').status).toBe(1)
  })

  test('step says when nothing more happens', () => {
    const machine = testMachine()
    expect(say(machine, 'step')).toMatchObject({
      status: 1,
      stderr: 'step: nothing more will happen; this is step 0\n',
    })
  })

  test('settle waits for what is in flight, and lets workloads go on afterwards', () => {
    const machine = testMachine()
    setUp(machine, 'disk create sda 64K --model hdd\nworkload start w /dev/sda --depth 3\nrun 100ms')
    const { ios } = machine.workloads.list()[0]
    expect(machine.unsettled()).not.toBeNull()
    setUp(machine, 'settle')
    expect(machine.workloads.list()[0].ios).toBe(ios + 3)
    setUp(machine, 'run 100ms')
    expect(machine.workloads.list()[0].ios).toBeGreaterThan(ios + 3)
  })
})

describe('seed', () => {
  test('the first line chooses the seed of everything', () => {
    const hashes = ['seed 5', 'seed 5', 'seed 6'].map((seed) => {
      const machine = testMachine()
      setUp(machine, `${seed}\ndisk create sda 64K\nworkload start w /dev/sda --sync\nrun 1ms\nsettle`)
      return hashDisks(machine).sda
    })
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })

  test('it is refused later, and ignored where it was chosen from outside', () => {
    const machine = testMachine({ pinSeed: true, seed: 9 })
    expect(say(machine, 'seed 5').status).toBe(0)
    expect(machine.seed).toBe(9)
    expect(say(machine, 'seed 5').status).toBe(1)
  })
})

test.each([
  'disk',
  'disk create',
  'disk create sdb',
  'disk create sdb 0',
  'disk create sdb 1000',
  'disk create sdb 4X',
  'disk create sda 1M',
  'disk create md0 1M',
  'disk create ../x 1M',
  'disk create sdb 2000G',
  'disk create sdb 1M --model floppy',
  'disk create sdb 1M --fast',
  'disk create sdb 1M extra',
  'disk list sda',
  'disk pull',
  'disk pull sdx',
  'disk insert sda',
  'disk insert sda --blank --old',
  'power',
  'power off',
  'power on',
  'power cut now',
  'power cut --after-writes 0',
  'power cut --after-writes x',
  'power cut --after 3',
  'power cut --after 0s',
  'power cut --after 3ms --after-writes 3',
  'power cut --keep some',
  'power cut --keep sdx:1',
  'power cut --keep sda:',
  'boot',
  'boot set',
  "boot set <<'END'\necho 'open\nEND",
  'boot show it',
  'fault',
  'fault add',
  'fault add rot sda',
  'fault add rot sda 128',
  'fault add rot sda 120+9',
  'fault add rot sdx 1',
  'fault add latent sda 1-2',
  'fault add slow sda',
  'fault add slow sda 1',
  'fault add hang sda 3',
  'fault add burn sda 3',
  'fault lift',
  'fault lift 9',
  'workload',
  'workload start w',
  'workload start w /dev/sdx',
  'workload start taken /dev/sda',
  'workload start w /dev/sda --pattern zigzag',
  'workload start w /dev/sda --read 101',
  'workload start w /dev/sda --size 100',
  'workload start w /dev/sda --size 128K',
  'workload start w /dev/sda --depth 0',
  'workload start w /dev/sda --region 64K',
  'workload start w /dev/sda --region 1K+64K',
  'workload start w /dev/sda --region x+y',
  'workload start w /dev/sda --sync=yes',
  'workload stop w',
  'workload list all',
  'run',
  'run 3',
  'step 0',
  'step x',
  'step --back',
  'seek',
  'settle now',
  'seed 3',
  'seed x',
  'rules no-such-rule linux-6.1',
  'explore',
  'explore everything',
])('%j says what would be right, fails, and changes nothing', (line) => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K\nfault add latent sda 5\nworkload start taken /dev/sda --rate 1')
  const before = stateOf(machine)
  const { status, stdout, stderr } = say(machine, line)
  expect(status).not.toBe(0)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^\w+: .+\n$/)
  expect(stateOf(machine)).toEqual(before)
})
