/**
 * Copies of whole machines.
 *
 * A machine's state is a graph of plain objects, arrays, maps, sets, typed arrays and instances of our classes, whose
 * behaviour is on their prototypes. Nothing else may be in it: a function in a field (a closure) would tie the copy to
 * the original, so it is refused here, and the tests copy machines at random instants to find one that slipped in.
 * Objects that are shared on purpose (the code, constant tables, the bytes outside) say so with {@link SHARED}.
 */
import { AssertionError } from './assert.ts'

/** An object with this property is taken over by reference: it must be immutable, or belong to the world outside. */
export const SHARED = Symbol('shared')

/** An object with this method copies itself; it is given the map from originals to copies that is being built. */
export const COPY = Symbol('copy')

interface SelfCopying {
  [COPY](copies: Map<object, object>): object
}

/**
 * Copies everything reachable from `root`, keeping identities: two fields that named one object name one copy.
 * @param copies originals to copies; entries made beforehand replace their originals.
 * @errors AssertionError when a function is found in the state.
 */
export function copyGraph<T extends object>(root: T, copies: Map<object, object> = new Map()): T {
  const copying = new GraphCopy(copies)
  const copy = copying.of(root) as T
  copying.finish()
  return copy
}

/** A copy under way. Machines are copied many times a second: this is written for speed, and calls nothing that is made anew. */
class GraphCopy {
  private readonly copies: Map<object, object>
  /** Objects whose copies still hold the originals' fields, and those copies. */
  private readonly originals: object[]
  private readonly unfinished: object[]

  constructor(copies: Map<object, object>) {
    this.copies = copies
    this.originals = []
    this.unfinished = []
  }

  /** The copy of an object; its fields follow. */
  of(value: object): object {
    const known = this.copies.get(value)
    if (known !== undefined) return known
    if (SHARED in value) return value
    if (COPY in value) {
      const copy = (value as SelfCopying)[COPY](this.copies)
      this.copies.set(value, copy)
      return copy
    }
    const copy = firstCopy(value)
    this.copies.set(value, copy)
    if (!ArrayBuffer.isView(value)) {
      this.originals.push(value)
      this.unfinished.push(copy)
    }
    return copy
  }

  finish(): void {
    const { originals, unfinished } = this
    for (let original = originals.pop(); original !== undefined; original = originals.pop()) {
      const copy = unfinished.pop() as object
      if (Array.isArray(original)) this.finishArray(original, copy as unknown[])
      else if (original instanceof Map) {
        for (const [key, value] of original) (copy as Map<unknown, unknown>).set(this.value(key), this.value(value))
      } else if (original instanceof Set) {
        for (const value of original) (copy as Set<unknown>).add(this.value(value))
      } else this.finishObject(original as Record<string, unknown>, copy as Record<string, unknown>)
    }
  }

  private finishArray(original: readonly unknown[], copy: unknown[]): void {
    for (let i = 0; i < original.length; i++) {
      const value = original[i]
      if (typeof value === 'object' && value !== null) copy[i] = this.of(value)
      else if (typeof value === 'function') refuse(`Array.${i}`)
    }
  }

  private finishObject(original: Record<string, unknown>, copy: Record<string, unknown>): void {
    for (const key in original) {
      const value = original[key]
      if (typeof value === 'object' && value !== null) copy[key] = this.of(value)
      else if (typeof value === 'function') refuse(`${original.constructor.name}.${key}`)
      else copy[key] = value
    }
  }

  private value(value: unknown): unknown {
    if (typeof value === 'function') refuse('an element of a map or set')
    return typeof value === 'object' && value !== null ? this.of(value) : value
  }
}

function refuse(where: string): never {
  throw new AssertionError(`a function lives in the state, at ${where}`)
}

/** What a copy begins as: elements of arrays, and the fields of plain objects, are the originals' still. */
function firstCopy(value: object): object {
  if (Array.isArray(value)) return value.slice()
  if (Object.getPrototypeOf(value) === Object.prototype) return { ...value }
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView) throw new AssertionError('a DataView lives in the state')
    return (value as Uint8Array).slice()
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
    throw new AssertionError(`${value.constructor.name} lives in the state`)
  }
  return Object.create(Object.getPrototypeOf(value) as object) as object
}
