/** What a world said to a script: both the simulator and the kernel answer in this form. */
import type { World } from './script.ts'

export interface CommandAnswer {
  readonly command: string
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

export interface Answer {
  readonly world: World
  readonly commands: readonly CommandAnswer[]
  /** Folder with the images as the script left them. */
  readonly disksFolder: string
  /** Why the answer can't be used, if so: a time-out, a crash, devices left behind. */
  readonly problem: string | null
}
