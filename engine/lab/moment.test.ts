import { describe, expect, test } from 'vitest'
import { deflateSync } from 'fflate'
import { Media } from '../block/media.ts'
import { Chance } from '../sim/chance.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import { settleDown, stateHash, testSession, typeAtOdds } from './history_fixture.ts'
import { openMoment, missingImages, momentOf, type Moment } from './moment.ts'
import { readWritten, writtenOf } from './moment_fields.ts'
import { MomentImages } from './moment_images.ts'
import { MOMENT_TEXT_MAX, readMoment, writeMoment } from './moment_text.ts'
import { LONG_SCRIPTS } from './long_scripts.ts'
import type { Session } from './session.ts'

function textOf(moment: Moment): string {
  const text = writeMoment(moment)
  if (!text.ok) throw new Error(text.message)
  return text.value
}

function opened(text: string, images?: ReadonlyMap<string, Media>): Session {
  const moment = readMoment(text)
  if (!moment.ok) throw new Error(moment.message)
  const options = { live: testArena(), arena: () => testArena(), ...(images === undefined ? {} : { images }) }
  const session = openMoment(moment.value, options)
  if (!session.ok) throw new Error(session.message)
  return session.value
}

/** What a link keeps of a machine: all but who pinned the seed. */
function stateOf(session: Session): string {
  const kept = session.machine.keep().machine
  Object.assign(kept, { pinSeed: true })
  return stateHash(kept)
}

describe.each(LONG_SCRIPTS)('$name', ({ script }) => {
  test.each([1, 2])('a link leads to the very moment, present or past, and the past before it (typing %i)', (seed) => {
    const session = testSession()
    typeAtOdds(session, script, seed)
    const chance = new Chance(seed, 'links')
    for (const place of ['live', 'past'] as const) {
      if (place === 'past') {
        session.seek(chance.below(session.newest.steps))
        session.arrive()
      }
      const text = textOf(momentOf(session.machine))
      expect(text).toMatch(/^m1\.[\w-]+$/)
      const other = opened(text)
      let batches = 0
      while (other.isTravelling) {
        other.run({ maxEvents: 500 })
        batches++
      }
      expect(batches).toBeGreaterThanOrEqual(Math.floor(session.sim.delivered / 500))
      expect([other.failure, other.isLive]).toEqual([null, true])
      expect(stateOf(other)).toBe(stateOf(session))
      expect(textOf(momentOf(other.machine))).toBe(text)
      const step = Math.floor(session.sim.steps / 2)
      expect(other.seek(step).ok).toBe(true)
      other.arrive()
      session.seek(step)
      session.arrive()
      expect(stateOf(other)).toBe(stateOf(session))
    }
  })
})

test('a recording that began on disks that were not blank names them by hash, and asks for them', () => {
  const image = (fill: number): Media => {
    const media = new Media(2 << 20)
    media.write(1 << 20, new Uint8Array(512).fill(fill), 0, 512)
    return media
  }
  const machine = testMachine({ epochSeconds: 1_800_000_000 })
  machine.attachDisk('sda', image(9))
  machine.attachDisk('sdb', new Media(65_536), 'ssd')
  machine.bootScript = 'disk list\n'
  machine.rules.set('name', 'value')
  machine.addFault('hang', 'sdb', 0, 128, Infinity)
  machine.addFaultAgain({ id: 7, kind: 'rot', disk: 'sdb', sector: 4, sectors: 3, amount: 0, healed: [5] })
  machine.pullDisk('sdb')
  const session = testSession({}, machine)
  session.type('dd if=/dev/zero of=/dev/sda bs=4k count=300 oflag=direct')
  settleDown(session)
  expect(session.beginning).not.toBeNull()
  const images = new MomentImages(session.beginning as NonNullable<Session['beginning']>)
  let pieces = 1
  while (!images.work(1 << 20)) pieces++
  expect(pieces).toBeGreaterThan(2)
  expect(Object.keys(images.hashes)).toEqual(['sda'])
  const text = textOf(momentOf(session.machine, images.hashes))
  const moment = readMoment(text)
  if (!moment.ok) throw new Error(moment.message)
  expect(moment.value).toEqual(momentOf(session.machine, images.hashes))
  expect(missingImages(moment.value)).toEqual(['sda'])
  const options = { live: testArena(), arena: () => testArena() }
  expect(openMoment(moment.value, options)).toMatchObject({ ok: false, errno: 'ENODATA' })
  expect(openMoment(moment.value, { ...options, images: new Map([['sda', image(8)]]) })).toMatchObject({
    ok: false,
    errno: 'EINVAL',
  })
  const given = image(9)
  const other = opened(text, new Map([['sda', given]]))
  other.arrive()
  expect(stateOf(other)).toBe(stateOf(session))
  expect(given.bytesBeside(image(9))).toBe(given.bytesBeside(null))
})

test('a recording of another version is opened as far as it goes, and says where it ends', () => {
  const session = testSession()
  session.type('disk create sda 64K')
  session.type('workload start w /dev/sda')
  while (session.sim.steps < 50) session.run({ untilStep: 50 })
  const moment = momentOf(session.machine)
  const lines = moment.recording.lines.map((line) => ({ ...line, text: line.text.replace('workload', 'workleod') }))
  const other = openMoment(
    { ...moment, recording: { ...moment.recording, lines } },
    { live: testArena(), arena: () => testArena() },
  )
  if (!other.ok) throw new Error(other.message)
  other.value.arrive()
  expect([other.value.isTravelling, other.value.isLive]).toEqual([false, true])
  expect(other.value.failure).toContain('does not come')
})

describe('what comes from outside', () => {
  const machine = testMachine({ seed: 0xffffffff })
  setUp(machine, "disk create sda 64K\nfault add slow sda 3\necho 'ä€𝄞 \\' >/tmp/x\nboot set <<'END'\ndisk list\nEND")
  const moment = momentOf(machine)
  const text = textOf(moment)

  test('is what went out', () => {
    expect(readMoment(text)).toEqual({ ok: true, value: moment })
    expect(text.length).toBeLessThan(300)
  })

  test.each([
    ['', /no moment/],
    ['hello', /no moment/],
    ['m.', /no moment/],
    ['m0.AAAA', /no moment/],
    ['#m1.', /no moment/],
    ['m1.', /damaged/],
    ['m1.A', /damaged/],
    ['m1.AAAA', /damaged/],
    ['m1.%%%%%%%%%%%%%%%%', /damaged/],
    [`${text} `, /damaged/],
    [text.slice(0, -1), /damaged/],
    [text.slice(0, -9), /damaged/],
    [text.replace('m1.', 'm2.'), /version 2.*1 is known/],
    [text.replace('m1.', 'm999999999.'), /newer/],
    [`m1.${'A'.repeat(MOMENT_TEXT_MAX)}`, /at most/],
  ])('%j is refused', (bad, why) => {
    const result = readMoment(bad)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(why) as unknown })
  })

  test('any change to a text is noticed, and nothing is ever thrown', () => {
    const chance = new Chance(1, 'fuzz')
    const letters = 'ABCabc019-_.m% é\u0000'
    for (let i = 0; i < 4000; i++) {
      const at = chance.below(text.length)
      const letter = letters[chance.below(letters.length)]
      const kinds = [
        text.slice(0, at) + letter + text.slice(at + 1),
        text.slice(0, at) + letter + text.slice(at),
        text.slice(0, at) + text.slice(at + 1 + chance.below(20)),
        'm1.' + Array.from({ length: chance.below(200) }, () => letters[chance.below(12)]).join(''),
      ]
      const bad = kinds[chance.below(kinds.length)]
      if (bad !== text) expect(readMoment(bad).ok, bad).toBe(false)
    }
  })

  test('fields of any kind are refused or right, never taken as they come', () => {
    const chance = new Chance(2, 'fields')
    const odd: unknown[] = [
      null,
      -1,
      1.5,
      1e300,
      '',
      'x',
      [],
      {},
      true,
      [[]],
      [1, 2],
      ['a', 'b', 'c'],
      '\ud800',
      2 ** 60,
    ]
    const good = JSON.stringify(writtenOf(moment))
    for (let i = 0; i < 3000; i++) {
      const value = JSON.parse(good) as Record<string, unknown>
      const keys = Object.keys(value)
      const key = keys[chance.below(keys.length)]
      const inner = value[key]
      const replacement = odd[chance.below(odd.length)]
      if (Array.isArray(inner) && inner.length > 0 && chance.below(3) > 0) {
        const element: unknown = inner[chance.below(inner.length)]
        if (Array.isArray(element) && chance.below(2) > 0) element[chance.below(element.length)] = replacement
        else inner[chance.below(inner.length)] = replacement
      } else value[key] = replacement
      const result = readWritten(value)
      if (!result.ok) expect(result.message).toMatch(/no moment/)
      else expect(readWritten(JSON.parse(JSON.stringify(writtenOf(result.value))))).toEqual(result)
    }
  })

  test('what unpacks to more than it says is damaged, and takes no room', () => {
    const bomb = deflateSync(new Uint8Array(30 << 20))
    const bytes = new Uint8Array(8 + bomb.length)
    bytes.set([0, 0, 1, 0, 1, 2, 3, 4])
    bytes.set(bomb, 8)
    const letters = Buffer.from(bytes).toString('base64url')
    expect(readMoment(`m1.${letters}`)).toMatchObject({
      ok: false,
      message: expect.stringContaining('damaged') as unknown,
    })
    bytes.set([255, 255, 255, 255])
    expect(readMoment(`m1.${Buffer.from(bytes).toString('base64url')}`).ok).toBe(false)
  })

  test('too much for an address is said when it is written', () => {
    const chance = new Chance(3, 'long')
    const line = Array.from({ length: 100_000 }, () => String.fromCharCode(33 + chance.below(90))).join('')
    const lines = [{ at: 0, time: 0, text: line }]
    const long = writeMoment({ ...moment, recording: { ...moment.recording, lines } })
    expect(long).toMatchObject({ ok: false, errno: 'EFBIG', message: expect.stringContaining('export') as unknown })
  })
})
