/** How the modes of mdadm find arrays, name them and judge devices. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { EmptyArray } from '../md/empty_array.ts'
import type { NativeArray } from '../md/native_array.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { Kernel } from './kernel.ts'
import { findDevice } from './namespace.ts'

/**
 * What mdadm takes for itself when the kernel has done its part: it waits for the device's node, writes down what it knows, ends.
 * In the meantime the array's thread goes on.
 */
export const ENDING_TIME = 2 * MILLISECOND

/** The name of the host: there is none. */
export const HOMEHOST = '(none)'

/**
 * The number of the array that a path names, whether it runs or not.
 * @errors EINVAL when it is not a name of an array: here these are /dev/md0, /dev/md1, ... and /dev/md/0, ...
 */
export function arrayMinor(path: string): Result<number> {
  const digits = /^\/dev\/md\/?(\d{1,5})$/.exec(path)?.[1]
  if (digits === undefined || Number(digits) > 65535) {
    return fail('EINVAL', `${path} does not name an array; /dev/md0, /dev/md1, ... do`)
  }
  return ok(Number(digits))
}

/** What is wrong with a name that an array cannot have. */
export function badArrayName(kernel: Kernel, path: string, otherwise: string): string {
  return findDevice(kernel, path) === undefined ? otherwise : `device ${path} exists but is not an md array.`
}

/** The running array that a path names, or undefined. */
export function runningArray(kernel: Kernel, path: string): NativeArray | undefined {
  const minor = arrayMinor(path)
  return minor.ok ? kernel.md.find(`md${minor.value}`) : undefined
}

/** Why a path that should name a running array names none, in mdadm's words. */
export function noArray(kernel: Kernel, path: string, verb: 'error opening' | 'cannot open'): string {
  const device = findDevice(kernel, path)
  if (device instanceof EmptyArray) return `Array associated with md device ${path} does not exist.`
  if (device === undefined) return `${verb} ${path}: No such file or directory`
  return `${path} does not appear to be an md device`
}

/** Whether an exclusive open would fail. */
export function isBusy(device: BlockDevice): boolean {
  return device.claims > 0 || device.holders.length > 0
}

/** 16 bytes that are this array's, or this member's, from now on. */
export function newUuid(kernel: Kernel, name: string): Uint8Array {
  const uuid = new Uint8Array(16)
  kernel.sim.chance(`uuid ${name}`).fill(uuid)
  return uuid
}

/** Seconds since 1970 at this instant. */
export function secondsNow(kernel: Kernel): number {
  return kernel.md.epochSeconds + Math.floor(kernel.sim.now / 1_000_000_000)
}
