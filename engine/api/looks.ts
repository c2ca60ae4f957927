/** What a view may ask of one device at one moment, by name: nothing of it is in frames, and nothing is loaded before somebody asks. */
import type { Machine } from '../lab/machine.ts'
import { lookAtCaches, type CacheLook } from './cache_look.ts'
import type { HashTreeLook } from './hash_tree_flags.ts'
import { hashTreeLook } from './hash_tree_look.ts'
import { raidExplanation, type RaidExplanation } from './raid_explanation.ts'

export interface Looks {
  /** What the table of a raid target means. */
  readonly raid: RaidExplanation
  /** The buffer caches that a mapped device keeps. */
  readonly caches: readonly CacheLook[]
  /** The hash tree of a verity or hashtree target. */
  readonly tree: HashTreeLook
}

type Lookers = { readonly [What in keyof Looks]: (machine: Machine, name: string) => Looks[What] | null }

const LOOKERS: Lookers = { raid: raidExplanation, caches: lookAtCaches, tree: hashTreeLook }

/** @returns null where there is no such device, or it is of another kind */
export function lookAt<What extends keyof Looks>(machine: Machine, what: What, name: string): Looks[What] | null {
  return LOOKERS[what](machine, name)
}
