import type { Procedure } from '../sim/procedure.ts'

/** What md and dm-integrity do about writes that come after they were told; see the rules of a reboot. */
export const LATER_WRITES_RULE = 'reboot.later-writes'

/** Priority of those that must be told before any other. */
export const FIRST = 2147483647
/** That of those that must be told after all others. */
export const LAST = -2147483648

/**
 * Whoever wants to be told that the kernel is about to stop. Those of a higher priority are told first, those of the same in the order
 * in which they registered; the kernel goes on to the next when one is done, and everything else goes on meanwhile.
 * @source blocking_notifier_chain_register, kernel/notifier.c, 6.1
 */
export interface RebootNotifier {
  /** As a person is told. */
  readonly name: string
  readonly priority: number
  /** What is to be done now, as a procedure that has not begun, or null if there is nothing. */
  rebootNotified(): Procedure | null
}

/** Whoever registered is not to be told any more; so, too, who never did. */
export function unregister(devices: { notifiers: RebootNotifier[] }, gone: RebootNotifier | null): void {
  devices.notifiers = devices.notifiers.filter((one) => one !== gone)
}

/**
 * The one to be told next, of those that have not been told, or undefined.
 * @param direction 1 for the highest priority first, -1 for the lowest
 */
export function nextNotifier(
  all: readonly RebootNotifier[],
  told: readonly RebootNotifier[],
  direction: 1 | -1,
): RebootNotifier | undefined {
  let next: RebootNotifier | undefined
  for (const one of all) {
    if (told.includes(one)) continue
    if (next === undefined || direction * (one.priority - next.priority) > 0) next = one
  }
  return next
}
