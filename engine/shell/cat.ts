import type { CommandSpec } from './command.ts'
import { getopt } from './getopt.ts'
import { ReadingCommand } from './reading_command.ts'
import { textOfBytes } from './text_bytes.ts'

const PIECE_BYTES = 128 << 10

/** What a command may print; a console is no place for the contents of a disk. */
const OUTPUT_LIMIT = 64 << 20

class CatRun extends ReadingCommand {
  protected override prepare(): boolean {
    const options = getopt(this.argv, 'u')
    if (!options.ok) {
      this.refuse(options.message)
      return false
    }
    this.paths = options.value.words
    return true
  }

  protected override take(address: number, length: number): boolean {
    if (this.stdout.length + length > OUTPUT_LIMIT) {
      this.refuse('more than 64 MiB of output; dd copies without keeping it all')
      return false
    }
    this.stdout += textOfBytes(this.sim.memory.bytes, address, address + length)
    return true
  }

  protected override fileEnd(): void {}
}

export const CAT: CommandSpec = {
  name: 'cat',
  family: 'linux',
  usage: '[FILE]...',
  summary: 'Prints files, or standard input.',
  begin: (world, invocation) => new CatRun(world, invocation, PIECE_BYTES),
}
