import type { CommandSpec } from './command.ts'
import { getopt } from './getopt.ts'
import { OUTPUT_LIMIT, ReadingCommand, TOO_MUCH_OUTPUT } from './reading_command.ts'
import { textOfBytes } from './text_bytes.ts'

const PIECE_BYTES = 128 << 10

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
      this.refuse(TOO_MUCH_OUTPUT)
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
