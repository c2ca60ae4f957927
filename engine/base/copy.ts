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
  const pending: object[] = []

  const copyValue = (value: unknown, where: string): unknown => {
    if (typeof value === 'function') throw new AssertionError(`a function lives in the state, at ${where}`)
    if (typeof value !== 'object' || value === null) return value
    const known = copies.get(value)
    if (known !== undefined) return known
    if (SHARED in value) return value
    const copy = COPY in value ? (value as SelfCopying)[COPY](copies) : emptyCopy(value, where)
    copies.set(value, copy)
    if (!(COPY in value)) pending.push(value)
    return copy
  }

  const result = copyValue(root, 'root') as T
  for (let original = pending.pop(); original !== undefined; original = pending.pop()) {
    const copy = copies.get(original) as object
    if (original instanceof Map) {
      for (const [key, value] of original)
        (copy as Map<unknown, unknown>).set(copyValue(key, 'map key'), copyValue(value, 'map'))
    } else if (original instanceof Set) {
      for (const value of original) (copy as Set<unknown>).add(copyValue(value, 'set'))
    } else if (!ArrayBuffer.isView(original)) {
      const from = original as Record<string, unknown>
      const to = copy as Record<string, unknown>
      for (const key of Object.keys(from)) to[key] = copyValue(from[key], `${original.constructor.name}.${key}`)
    }
  }
  return result
}

function emptyCopy(value: object, where: string): object {
  if (Array.isArray(value)) return new Array(value.length) as unknown[]
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView) throw new AssertionError(`a DataView lives in the state, at ${where}`)
    return (value as Uint8Array).slice()
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
    throw new AssertionError(`${value.constructor.name} lives in the state, at ${where}`)
  }
  return Object.create(Object.getPrototypeOf(value) as object) as object
}
