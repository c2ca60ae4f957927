/**
 * Structural sharing: gives back the old value where the new one is equal to it, one level deep (the items of an array and the
 * fields of an object are compared by identity), or item by item where both are arrays of objects.
 */
export function keepSame<T>(before: T | undefined, after: T): T {
  if (before === undefined || Object.is(before, after)) return after
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return after
  if (Array.isArray(before) && Array.isArray(after)) {
    const items: unknown[] = after.map((item, i) => keepSame(before[i] as unknown, item as unknown))
    return items.length === before.length && items.every((item, i) => item === before[i]) ? before : (items as T)
  }
  const keys = Object.keys(after) as (keyof T)[]
  const isSame = keys.length === Object.keys(before).length && keys.every((key) => Object.is(before[key], after[key]))
  return isSame ? before : after
}
