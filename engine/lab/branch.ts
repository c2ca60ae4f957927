/** One line of time among others: where it left another, what happened on it, and its machine at its newest moment. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { History, KeptMoment } from './history.ts'
import type { TimelineIndex } from './history_index.ts'
import type { Place } from './history_seek.ts'

/** A branch as it is shown. */
export interface BranchView {
  readonly name: string
  /** The branch that it left, and after how many disk I/Os; null for the first. */
  readonly parent: string | null
  readonly forkedAtStep: number
  /** Its newest moment. */
  readonly steps: number
  readonly time: number
  readonly lines: number
  readonly isCurrent: boolean
}

export class Branch {
  name: string
  readonly parent: Branch | null
  readonly forkedAt: Place | null
  readonly history: History
  readonly index: TimelineIndex
  /** The machine at its newest moment, while another branch is the live one. */
  parked: KeptMoment | null

  constructor(name: string, history: History, index: TimelineIndex, parent: Branch | null, forkedAt: Place | null) {
    this.name = name
    this.parent = parent
    this.forkedAt = forkedAt
    this.history = history
    this.index = index
    this.parked = null
  }

  /** @param newest where its machine is, if the branch is the live one */
  view(newest: Place | null): BranchView {
    const { steps, time, lines } = newest ?? this.parked ?? this.history.newest
    return {
      name: this.name,
      parent: this.parent?.name ?? null,
      forkedAtStep: this.forkedAt?.steps ?? 0,
      steps,
      time,
      lines,
      isCurrent: newest !== null,
    }
  }
}

const NAME_MAX = 60

/** All branches, in the order in which they were made; one of them is the live one. */
export class Branches {
  readonly all: Branch[]
  current: Branch

  constructor(first: Branch) {
    this.all = [first]
    this.current = first
  }

  add(branch: Branch): void {
    this.all.push(branch)
  }

  get histories(): History[] {
    return this.all.map(({ history }) => history)
  }

  /** @param newest where the live machine is */
  views(newest: Place): BranchView[] {
    return this.all.map((branch) => branch.view(branch === this.current ? newest : null))
  }

  /** @errors ENOENT */
  find(name: string): Result<Branch> {
    const branch = this.all.find((candidate) => candidate.name === name)
    if (branch !== undefined) return ok(branch)
    return fail('ENOENT', `no ${name}; there are ${this.all.map((candidate) => candidate.name).join(', ')}`)
  }

  freshName(): string {
    let number = this.all.length + 1
    while (this.find(`branch ${number}`).ok) number++
    return `branch ${number}`
  }

  /** @errors ENOENT; EEXIST; EINVAL */
  rename(name: string, to: string): Result<null> {
    const branch = this.find(name)
    if (!branch.ok) return branch
    if (to.trim() === '' || to.length > NAME_MAX) return fail('EINVAL', `a name has 1 to ${NAME_MAX} characters`)
    if (to !== name && this.find(to).ok) return fail('EEXIST', `there is a ${to} already`)
    branch.value.name = to
    return ok(null)
  }
}
