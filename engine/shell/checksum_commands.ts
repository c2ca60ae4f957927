/** sha256sum and md5sum. */
import type { CommandSpec, Invocation, World } from './command.ts'
import { Digest, type DigestName } from './digest.ts'
import { getopt } from './getopt.ts'
import type { OpenFile } from './open_file.ts'
import { ReadingCommand } from './reading_command.ts'

const PIECE_BYTES = 1 << 20

class ChecksumRun extends ReadingCommand {
  private readonly kind: DigestName
  private digest: Digest
  private marker: string

  constructor(world: World, invocation: Invocation, kind: DigestName) {
    super(world, invocation, PIECE_BYTES)
    this.kind = kind
    this.digest = Digest.begin(kind)
    this.marker = ' '
  }

  protected override prepare(): boolean {
    const options = getopt(this.argv, 'bt', { binary: 'b', text: 't' })
    if (!options.ok) {
      this.refuse(options.message)
      return false
    }
    for (const { name } of options.value.given) this.marker = name === 'b' ? '*' : ' '
    this.paths = options.value.words
    return true
  }

  protected override opened(_file: OpenFile): number {
    this.digest = Digest.begin(this.kind)
    return 0
  }

  protected override take(address: number, length: number): boolean {
    this.digest.update(this.sim.memory.bytes.subarray(address, address + length))
    return true
  }

  protected override fileEnd(path: string): void {
    const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    this.print(`${escaped === path ? '' : '\\'}${this.digest.hex()} ${this.marker}${escaped}`)
  }
}

export const SHA256SUM: CommandSpec = {
  name: 'sha256sum',
  family: 'linux',
  usage: '[FILE]...',
  summary: 'Prints the SHA-256 checksum of each file.',
  begin: (world, invocation) => new ChecksumRun(world, invocation, 'sha256'),
}

export const MD5SUM: CommandSpec = {
  name: 'md5sum',
  family: 'linux',
  usage: '[FILE]...',
  summary: 'Prints the MD5 checksum of each file.',
  begin: (world, invocation) => new ChecksumRun(world, invocation, 'md5'),
}
