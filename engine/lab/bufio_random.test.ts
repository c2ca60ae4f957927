/**
 * Random programs on a buffer cache that is short of memory, against a flat oracle: what a program reads is what was put there last, and what a
 * power cut leaves of each sector is something that was there since it was last made durable, or that very thing.
 */
import { describe, expect, test } from 'vitest'
import { stampByte } from '../bufio/test_program.ts'
import { Chance } from '../sim/chance.ts'
import './whole_language.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import { TraceHash } from './hash.ts'
import { Machine } from './machine.ts'
import { fingerprint } from './replay.ts'
import { finish } from './script.ts'

const BLOCKS = 24
const PROGRAMS = 3
const SECTORS_PER_BLOCK = 8
/** Between two looks at the trace its ring has not gone round. */
const BATCH_EVENTS = 256

/** Seeds; one that failed would be added with its date. */
const SEEDS = Array.from({ length: 24 }, (_, i) => 6200 + i)

/** What a sector may be: stamps by their seeds, -1 for nothing but zeros. */
class Oracle {
  readonly now: number[]
  /** What may be found after a cut, by sector. */
  readonly possible: Set<number>[]
  /** How many contents could have been told apart at cuts, and how many sectors were not what was there last. */
  choices = 0
  lost = 0

  constructor() {
    this.now = Array.from({ length: BLOCKS * SECTORS_PER_BLOCK }, () => -1)
    this.possible = this.now.map(() => new Set([-1]))
  }

  put(sector: number, seed: number): void {
    this.now[sector] = seed
    this.possible[sector].add(seed)
  }

  /** Everything is durable as it is. */
  settleAll(): void {
    this.now.forEach((seed, sector) => (this.possible[sector] = new Set([seed])))
  }

  /** After a cut: every sector is one of those it may be, and it is that now. */
  look(machine: Machine): void {
    const bytes = new Uint8Array(512)
    for (let sector = 0; sector < this.now.length; sector++) {
      machine.media('a')?.read(sector * 512, bytes, 0, 512)
      const place = (sector % SECTORS_PER_BLOCK) * 512
      const found = [...this.possible[sector]].filter((seed) =>
        bytes.every((byte, i) => byte === (seed < 0 ? 0 : stampByte(seed, place + i))),
      )
      expect(found, `sector ${sector} of ${[...this.possible[sector]].join(' ')}`).toHaveLength(1)
      this.choices += this.possible[sector].size - 1
      if (found[0] !== this.now[sector]) this.lost++
      this.now[sector] = found[0]
    }
    this.settleAll()
  }
}

/** Texts of programs that use only their own blocks, and what they do to the oracle. */
class Programs {
  readonly chance: Chance
  readonly oracle: Oracle
  private stamps = 0

  constructor(seed: number, oracle: Oracle) {
    this.chance = new Chance(seed, 'programs')
    this.oracle = oracle
  }

  text(program: number): string {
    const lines: string[] = []
    const count = 1 + this.chance.below(6)
    for (let i = 0; i < count; i++) lines.push(...this.deed(program))
    return lines.join('; ')
  }

  private block(program: number): number {
    const own = BLOCKS / PROGRAMS
    return program * own + this.chance.below(own)
  }

  private deed(program: number): string[] {
    const { chance, oracle } = this
    const block = this.block(program)
    const first = block * SECTORS_PER_BLOCK
    switch (chance.below(9)) {
      case 0:
      case 1: {
        const seed = this.stamps++
        for (let i = 0; i < SECTORS_PER_BLOCK; i++) oracle.put(first + i, seed)
        return [`new ${block}`, `stamp ${block} ${seed}`, `dirty ${block}`, `put ${block}`]
      }
      case 2:
      case 3: {
        const seed = this.stamps++
        const from = chance.below(SECTORS_PER_BLOCK)
        const to = from + 1 + chance.below(SECTORS_PER_BLOCK - from)
        for (let i = from; i < to; i++) oracle.put(first + i, seed)
        const range = `${from * 512} ${to * 512}`
        return [`read ${block}`, `stamp ${block} ${seed} ${range}`, `dirty ${block} ${range}`, `put ${block}`]
      }
      case 4: {
        const to = this.block(program)
        if (to === block) return ['async']
        for (let i = 0; i < SECTORS_PER_BLOCK; i++) oracle.put(to * SECTORS_PER_BLOCK + i, oracle.now[first + i])
        return [`read ${block}`, `move ${block} ${to}`]
      }
      case 5:
        return [['async', 'flush', 'sleep 1'][chance.below(3)]]
      case 6:
        return [`prefetch ${block} 2`, `forget ${block} 3`]
      default:
        return [`read ${block}`, ...this.verify(block), `put ${block}`]
    }
  }

  private verify(block: number): string[] {
    const lines: string[] = []
    for (let i = 0; i < SECTORS_PER_BLOCK; i++) {
      const seed = this.oracle.now[block * SECTORS_PER_BLOCK + i]
      if (seed >= 0) lines.push(`verify ${block} ${seed} ${i * 512} ${(i + 1) * 512}`)
    }
    return lines
  }
}

const BOOT = `dmsetup create t --table '0 ${BLOCKS * SECTORS_PER_BLOCK} bufio_test /dev/a 4096 3'`

function boot(machine: Machine, limit: number): void {
  setUp(machine, `echo ${limit} > /sys/module/dm_bufio/parameters/max_cache_size_bytes\n${BOOT}`)
}

/** Programs, syncs and cuts, one after the other. */
function life(seed: number, log: string[] = []): { machine: Machine; oracle: Oracle; cuts: number } {
  const oracle = new Oracle()
  const programs = new Programs(seed, oracle)
  const { chance } = programs
  const machine = testMachine({ seed })
  const model = ['ideal', 'ssd', 'hdd'][chance.below(3)]
  setUp(machine, `disk create a ${(BLOCKS * SECTORS_PER_BLOCK) / 2}K --model ${model}`)
  const limit = [1, 8 * 4096, 1 << 20][chance.below(3)]
  boot(machine, limit)
  let cuts = 0
  const type = (line: string): boolean => {
    log.push(line)
    const { status, stderr } = say(machine, line)
    if (machine.powerOn) expect(`${line}: ${stderr}`).toBe(`${line}: `)
    return status === 0
  }
  for (let round = 0; round < 40; round++) {
    if (chance.below(5) === 0) type(`power cut --after-writes ${1 + chance.below(12)} --keep random`)
    for (let program = 0; program < PROGRAMS && machine.powerOn; program++) {
      type(`dmsetup message t 0 'start ${programs.text(program)}'`)
    }
    if (machine.powerOn) type('dmsetup message t 0 wait')
    if (machine.powerOn && chance.below(3) === 0 && type("dmsetup message t 0 'run sync'")) oracle.settleAll()
    if (machine.powerOn && chance.below(8) === 0) type(`power cut --keep ${['none', 'all', 'random'][chance.below(3)]}`)
    if (machine.powerOn) continue
    cuts++
    oracle.look(machine)
    type('power on')
    boot(machine, limit)
    log.push(BOOT)
  }
  return { machine, oracle, cuts }
}

describe('random programs, with power cuts', () => {
  let choices = 0
  let lost = 0

  test.each(SEEDS)('seed %i', (seed) => {
    const { oracle, cuts } = life(seed)
    expect(cuts).toBeGreaterThan(1)
    choices += oracle.choices
    lost += oracle.lost
  })

  test('the cuts had something to decide', () => {
    expect(choices).toBeGreaterThan(5000)
    expect(lost).toBeGreaterThan(500)
  })
})

test('an oracle that is told something else does not agree', () => {
  const { machine, oracle } = life(SEEDS[0])
  setUp(machine, "dmsetup message t 0 'run sync'\npower cut --keep none")
  oracle.look(machine)
  oracle.possible[3].clear()
  oracle.possible[3].add(oracle.now[3] + 1)
  expect(() => {
    oracle.look(machine)
  }).toThrow('sector 3')
})

describe('copies of random programs at random instants', () => {
  const finished = (machine: Machine, trace: TraceHash): unknown => {
    const follow = (): void => trace.follow(machine.sim.trace)
    while (machine.busy && machine.run({ maxEvents: BATCH_EVENTS }) > 0) follow()
    finish(machine, follow)
    expect(trace.missed).toBe(false)
    return { fingerprint: fingerprint(machine, trace), results: machine.results }
  }

  test.each(SEEDS.slice(0, 6))('seed %i: the copy and the original do the same', (seed) => {
    const lines: string[] = []
    life(seed, lines)
    const script = `disk create a ${(BLOCKS * SECTORS_PER_BLOCK) / 2}K --model ssd\n${BOOT}\n${lines.join('\n')}`
    const whole = testMachine({ seed })
    whole.type(script)
    finished(whole, new TraceHash())
    const chance = new Chance(seed, 'instants')
    for (let i = 0; i < 4; i++) {
      const machine = testMachine({ seed })
      machine.type(script)
      for (let left = chance.below(whole.sim.delivered); left > 0 && machine.busy;) {
        const delivered = machine.run({ maxEvents: Math.min(left, BATCH_EVENTS) })
        if (delivered === 0) break
        left -= delivered
      }
      const rows = machine.sim.trace.written
      const copy = Machine.wake(machine.keep(), testArena())
      expect(finished(copy, new TraceHash(rows))).toEqual(finished(machine, new TraceHash(rows)))
    }
  })
})
