/** What decides how many members an array needs. */
export interface EnoughShape {
  readonly level: number
  readonly layout: number
  readonly raidDisks: number
}

/**
 * Whether so many slots are enough to start; those of a dirty array with parity must be all, but for the parity of a raid4.
 * @source enough, util.c, mdadm 4.2
 */
export function enough(
  { level, layout, raidDisks }: EnoughShape,
  clean: boolean,
  available: readonly boolean[],
): boolean {
  const here = available.filter(Boolean).length
  switch (level) {
    case 0:
      return here === raidDisks
    case 1:
      return here >= 1
    case 10:
      return everyCopySomewhere(layout, raidDisks, available)
    case 6:
      return here >= (clean ? raidDisks - 2 : raidDisks)
    default:
      if (level === 4 && here === raidDisks - 1 && !available[raidDisks - 1]) return true
      return here >= (clean ? raidDisks - 1 : raidDisks)
  }
}

/** Goes around the slots by the near copies: of every group of as many slots as there are copies one must be here. */
function everyCopySomewhere(layout: number, raidDisks: number, available: readonly boolean[]): boolean {
  const near = layout & 255
  const copies = near * ((layout >> 8) & 255)
  let first = 0
  do {
    const slots = Array.from({ length: copies }, (_, i) => (first + i) % raidDisks)
    if (!slots.some((slot) => available[slot])) return false
    first = (first + near) % raidDisks
  } while (first !== 0)
  return true
}
