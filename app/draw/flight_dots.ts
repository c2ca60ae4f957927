/**
 * Dots for requests under way. A dot goes down from the array to its chunk, waits there for as long as the request is under way,
 * and goes back up when it has ended. Requests that began and ended between two frames make the way and return at once.
 */
import type { Flight } from '../model/array_picture.ts'

/** Milliseconds of real time. */
const DOWN = 260
const UP = 220
const DOTS_MAX = 48

export interface Dot {
  readonly bio: number
  readonly slot: number
  readonly row: number
  readonly isRead: boolean
  readonly isParity: boolean
  readonly beganAt: number
  endedAt: number | undefined
}

export class FlightDots {
  readonly #dots = new Map<number, Dot>()
  #seen: readonly Flight[] = []
  #seenPassed: readonly Flight[] = []

  has(bio: number): boolean {
    return this.#dots.has(bio)
  }

  all(): Iterable<Dot> {
    return this.#dots.values()
  }

  /** @param real milliseconds of real time */
  update(flights: readonly Flight[], passed: readonly Flight[], real: number): void {
    if (flights !== this.#seen) {
      this.#seen = flights
      const present = new Set(flights.map(({ bio }) => bio))
      for (const dot of this.#dots.values()) {
        if (!present.has(dot.bio)) dot.endedAt ??= Math.max(real, dot.beganAt + DOWN)
      }
      for (const flight of flights) this.#add(flight, real, undefined)
    }
    if (passed !== this.#seenPassed) {
      this.#seenPassed = passed
      for (const flight of passed) this.#add(flight, real, real + DOWN)
    }
    for (const { bio, endedAt } of this.#dots.values()) {
      if (endedAt !== undefined && real > endedAt + UP) this.#dots.delete(bio)
    }
  }

  /** How far down a dot is: 0 at the array, 1 at the chunk. */
  depth(dot: Dot, real: number): number {
    const down = Math.min(1, (real - dot.beganAt) / DOWN)
    if (dot.endedAt === undefined || real <= dot.endedAt) return ease(down)
    return 1 - ease(Math.min(1, (real - dot.endedAt) / UP))
  }

  #add(flight: Flight, real: number, endedAt: number | undefined): void {
    if (this.#dots.has(flight.bio) || this.#dots.size >= DOTS_MAX) return
    const { bio, slot, row, op, isParity } = flight
    this.#dots.set(bio, { bio, slot, row, isRead: op === 0, isParity, beganAt: real, endedAt })
  }
}

function ease(t: number): number {
  return t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t)
}
