/** Asks the simulator: runs scripts on images in a folder, one after the other, within this process. */
import { Machine } from '../../engine/lab/machine.ts'
import { finish, runScript } from '../../engine/lab/script.ts'
import '../../engine/lab/whole_language.ts'
import { ImageFolder } from '../node/images.ts'
import { WasmArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_digests.ts'
import '../wasm/wasm_syndromes.ts'
import type { Answer } from './answer.ts'
import type { Script } from './script.ts'

/** More than the machines of short scripts need. */
const ARENA_BYTES = 64 << 20
/** What lies in memory before somebody writes there. Nobody may read it. */
const RUBBISH = 0xa5

/** Runs a script on the images of a folder, in place. Tests put their own in. */
export type RunInSimulator = (script: Script, disksFolder: string) => Promise<Answer>

export class Simulator {
  private readonly arena = new WasmArena(ARENA_BYTES)

  /** Runs a script on the images of a folder, in place. */
  run(script: Script, disksFolder: string): Answer {
    this.arena.bytes.fill(RUBBISH)
    const folder = new ImageFolder(disksFolder)
    try {
      const machine = new Machine({ seed: 0, arena: this.arena, host: folder })
      folder.attach((name, backing) => machine.attachDisk(name, backing))
      const { results, stuck } = runScript(machine, script.text, { keepGoing: true })
      const restless = finish(machine)
      const commands = results.map(({ command, stdout, stderr, status }) => ({ command, stdout, stderr, status }))
      return { world: 'simulator', commands, disksFolder, problem: stuck ?? restless }
    } catch (error) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { world: 'simulator', commands: [], disksFolder, problem: `a mistake of the simulator: ${said}` }
    } finally {
      folder.close()
    }
  }
}
