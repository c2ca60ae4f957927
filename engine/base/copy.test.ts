import { expect, test } from 'vitest'
import { COPY, copyGraph, SHARED } from './copy.ts'

class Linked {
  next: Linked | null = null
  readonly values = new Float64Array([1, 2])
  readonly byName = new Map<string, Linked>()
  greet(): string {
    return `I have ${this.values.length}`
  }
}

test('identities, cycles, prototypes, maps, sets and typed arrays come through', () => {
  const a = new Linked()
  const b = new Linked()
  a.next = b
  b.next = a
  a.byName.set('b', b)
  const copy = copyGraph({ a, again: a, set: new Set([b]) })
  expect(copy.a).not.toBe(a)
  expect(copy.again).toBe(copy.a)
  expect(copy.a.next?.next).toBe(copy.a)
  expect(copy.a.byName.get('b')).toBe(copy.a.next)
  expect([...copy.set][0]).toBe(copy.a.next)
  expect(copy.a.greet()).toBe('I have 2')
  copy.a.values[0] = 9
  expect(a.values[0]).toBe(1)
})

test('a function, a promise or a view over foreign bytes in the state is refused', () => {
  expect(() => copyGraph({ late: () => 1 })).toThrow(/function lives in the state/)
  expect(() => copyGraph({ soon: Promise.resolve() })).toThrow(/Promise lives in the state/)
  expect(() => copyGraph({ view: new DataView(new ArrayBuffer(1)) })).toThrow(/DataView/)
})

test('shared objects stay, self-copying ones copy themselves, named ones are replaced', () => {
  const shared = { [SHARED]: true as const }
  const own = { [COPY]: () => ({ made: 'by itself' }) }
  const old = { name: 'old' }
  const fresh = { name: 'fresh' }
  const copy = copyGraph<{ shared: object; own: object; old: object }>({ shared, own, old }, new Map([[old, fresh]]))
  expect(copy.shared).toBe(shared)
  expect(copy.own).toEqual({ made: 'by itself' })
  expect(copy.old).toBe(fresh)
})

test('a list of a hundred thousand links does not exhaust the stack', () => {
  interface Link {
    next: Link | null
  }
  let head: Link = { next: null }
  for (let i = 0; i < 100_000; i++) head = { next: head }
  let length = 0
  for (let at: Link | null = copyGraph(head); at !== null; at = at.next) length++
  expect(length).toBe(100_001)
})
