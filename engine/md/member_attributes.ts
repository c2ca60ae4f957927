/** What is below /sys/block/mdN/md for each member; it may be learned later than the attributes of the array. */
import { fail, type Result } from '../base/errno.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'

export interface MemberAttributeFiles {
  /** @param name `dev-sda/state`, `rd0/slot`. @errors ENOENT where no member or no attribute has this name */
  read(array: MdArray, name: string): Result<string>
  write(array: MdArray, name: string, value: string): Result<Procedure | null>
}

class MemberAttributeRegistry implements MemberAttributeFiles {
  private known: MemberAttributeFiles | null = null

  learn(files: MemberAttributeFiles): void {
    this.known = files
  }

  read(array: MdArray, name: string): Result<string> {
    return this.known?.read(array, name) ?? unknown(name)
  }

  write(array: MdArray, name: string, value: string): Result<Procedure | null> {
    return this.known?.write(array, name, value) ?? unknown(name)
  }
}

function unknown(name: string): Result<never> {
  return fail('ENOENT', `no such attribute: md/${name}`)
}

export const MEMBER_ATTRIBUTES = new MemberAttributeRegistry()
