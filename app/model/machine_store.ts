import { createStore } from 'zustand/vanilla'
import type { FailureFrame, Frame, TransportFrame } from '../../engine/api/frame.ts'
import { EMPTY_SCENE, type MachineScene } from './machine_scene.ts'

/** `elsewhere`: another tab of this browser has the machine. `none`: the address asked for one that cannot be opened. */
export type Condition = 'starting' | 'running' | 'elsewhere' | 'failed' | 'none'

export interface MachineState {
  readonly condition: Condition
  /** Why it failed, when it did. */
  readonly trouble: string
  readonly failure: FailureFrame | null
  /** Where the disks' bytes are, and why not in files when they are not. */
  readonly storage: 'unknown' | 'files' | 'memory'
  readonly storageTrouble: string
  readonly time: number
  readonly steps: number
  readonly seed: number
  readonly isPowerOn: boolean
  /** Playing or about to: the button says Pause. */
  readonly isPlaying: boolean
  readonly isHurrying: boolean
  /** Virtual seconds per real second. */
  readonly speed: number
  /** An idle stretch was skipped a moment ago: so long it was, in nanoseconds; else 0. */
  readonly skipped: number
  readonly scene: MachineScene
}

/** A machine of which no frame has come. */
export function emptyMachine(): MachineState {
  return {
    condition: 'starting',
    trouble: '',
    failure: null,
    storage: 'unknown',
    storageTrouble: '',
    time: 0,
    steps: 0,
    seed: 0,
    isPowerOn: true,
    isPlaying: false,
    isHurrying: false,
    speed: 1,
    skipped: 0,
    scene: EMPTY_SCENE,
  }
}

/** What a frame says of its machine in any case. */
export function stateOf({ time, steps, seed, powerOn, transport }: Frame) {
  return {
    time,
    steps,
    seed,
    isPowerOn: powerOn,
    isPlaying: isPlaying(transport),
    isHurrying: transport.isHurrying,
    speed: transport.speed / 1e9,
  }
}

/** Also of a machine that only stands still because nobody sees it. */
export function isPlaying({ state }: TransportFrame): boolean {
  return state === 'playing' || state === 'hidden'
}

/** The machine as the newest frame has it. */
export const machineStore = createStore<MachineState>()(() => emptyMachine())
