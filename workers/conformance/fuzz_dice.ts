/** Draws for the fuzzer: the engine's own seeded chance, with the words that generators use. */
import { Chance } from '../../engine/sim/chance.ts'

export class Dice {
  private readonly chance: Chance

  constructor(seed: number, name: string) {
    this.chance = new Chance(seed, name)
  }

  /** @returns an integer from `from` to `to`, both among them. */
  between(from: number, to: number): number {
    return from + this.chance.below(to - from + 1)
  }

  /** True in so many of a hundred throws. */
  percent(hundredths: number): boolean {
    return this.chance.below(100) < hundredths
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('there is nothing to pick from')
    return items[this.chance.below(items.length)]!
  }

  /** One of the things, each as likely as its weight says. */
  weighted<T>(items: readonly (readonly [weight: number, thing: T])[]): T {
    let at = this.chance.below(items.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, thing] of items) {
      if (at < weight) return thing
      at -= weight
    }
    throw new Error('there is nothing to pick from')
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    const out: T[] = []
    while (left.length > 0) out.push(...left.splice(this.chance.below(left.length), 1))
    return out
  }

  /** So many different ones, in their order. */
  some<T>(items: readonly T[], count: number): T[] {
    const chosen = new Set(this.shuffled(items.map((_, i) => i)).slice(0, count))
    return items.filter((_, i) => chosen.has(i))
  }
}
