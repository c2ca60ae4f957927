/** Sectors that somebody ticked: of what was not flushed there, the newest bytes survive. */
export interface KeptSectors {
  readonly disk: string
  readonly sector: number
  readonly sectors: number
}

/** What survives of the writes that were not flushed when the power goes: a rule, or the very sectors. */
export type Keep = 'none' | 'all' | 'random' | readonly KeptSectors[]

/** As the trace tells it; 1 is the power coming back. */
export const CUT = 0
export const RESTART = 2
export const POWEROFF = 3

export type KernelEnd = typeof CUT | typeof RESTART | typeof POWEROFF

/** How an end is spoken of. */
export const END_WORDS: Readonly<Record<number, string>> = {
  [CUT]: 'power cut',
  [RESTART]: 'reboot',
  [POWEROFF]: 'poweroff',
}

/** A row of the trace that speaks of the power, in words. */
export function powerText(state: number, survivors: number, lost: number): string {
  if (state === 1) return 'power on'
  const rest =
    survivors + lost === 0 && state !== CUT ? '' : `: of the sectors not flushed ${survivors} survive, ${lost} are lost`
  return END_WORDS[state] + rest
}

/**
 * The mains. A cut may be armed, and then falls at the instant at which the N-th disk write from now is acknowledged; whoever
 * waits for that write never hears of it.
 */
export class PowerSwitch {
  on: boolean
  /** Disk writes acknowledged so far. */
  writes: number
  /** Writes still to be acknowledged before the armed cut; 0 when none is armed. */
  writesLeft: number
  /** How the next cut goes about unflushed writes. */
  keep: Keep
  /** The machine must cut the power before the next event. */
  cutNow: boolean
  /** What the end of the kernel will be: a cut, or its own doing. */
  end: KernelEnd

  constructor() {
    this.on = true
    this.writes = 0
    this.writesLeft = 0
    this.keep = 'random'
    this.cutNow = false
    this.end = CUT
  }

  /**
   * The kernel ends of itself, before the next event. Over a restart the disks keep their power, and with it what is in their caches and
   * under way; what was not flushed when they lose it is as after a cut.
   */
  stop(end: KernelEnd): void {
    this.end = end
    this.keep = end === RESTART ? 'all' : 'random'
    this.cutNow = true
  }

  /** @returns true when this very write was the last: the power is gone. */
  writeAcknowledged(): boolean {
    this.writes++
    if (this.writesLeft === 0 || --this.writesLeft > 0) return false
    this.cutNow = true
    return true
  }
}
