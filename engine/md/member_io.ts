import { SYNC, Bio, type BioOwner, type Op } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import type { Member } from './member.ts'
import { ioEnded } from './place.ts'

/** A procedure that reads and writes members; each step looks at how the I/O of the step before it has ended. */
export abstract class MemberIo extends Procedure implements BioOwner {
  readonly array: MdArray
  private asked: Member[]
  private failures: boolean[]

  constructor(array: MdArray, firstStep: string) {
    super(array.sim, firstStep)
    this.array = array
    this.asked = []
    this.failures = []
  }

  /** Forgets how earlier I/O ended. */
  beginIo(): void {
    this.asked = []
    this.failures = []
  }

  /** @param sector from the start of the member's data. @returns its number, for {@link failed} */
  io(member: Member, op: Op, sector: number, sectors: number, data: number): number {
    const { array } = this
    const number = this.asked.push(member) - 1
    this.failures.push(false)
    member.pending++
    this.expect()
    const at = member.dataOffset + sector
    member.device.submit(new Bio(array.sim, this, op, SYNC, at, sectors, data, array.causes.sync, 0, number))
    return number
  }

  failed(number: number): boolean {
    return this.failures[number]
  }

  bioDone(bio: Bio): void {
    const member = this.asked[bio.tag]
    ioEnded(this.array, member)
    if (bio.status !== 'OK') this.failures[bio.tag] = true
    this.arrived()
  }
}
