import type { Sim } from '../sim/sim.ts'
import { Bio, type BioOwner, type Op } from '../block/bio.ts'
import type { Target } from './target.ts'

/**
 * The part of a bio that one target serves. The target submits this very bio, remapped, to a device below, or ends it; until
 * it does, `sector` is an address on the mapped device.
 */
export class CloneBio extends Bio {
  readonly target: Target
  /** A target may take less than the whole: of a discard, its own share. */
  declare sectors: number
  /** What the target wants to remember of it until {@link Target.ended}. */
  note: number

  constructor(
    sim: Sim,
    owner: BioOwner,
    bio: Bio,
    target: Target,
    op: Op,
    flags: number,
    sector: number,
    sectors: number,
    data: number,
  ) {
    super(sim, owner, op, flags, sector, sectors, data, bio.cause, bio.id)
    this.target = target
    this.note = 0
  }
}
