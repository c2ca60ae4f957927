/** `disk create --pattern`: a disk that is not blank, with the same bytes wherever the line is typed. */
import type { CommandSpec } from '../shell/command.ts'
import { DISK, DiskCommand, type NewDisk } from './disk_commands.ts'
import { Pattern } from './pattern.ts'
import { formatSize, parseCount } from './units.ts'

/** It is written at once, while everything waits. */
const PATTERN_BYTES_MAX = 256 << 20
const PIECE_BYTES = 1 << 20

class PatternDiskCommand extends DiskCommand {
  protected override createOptions(): Readonly<Record<string, boolean>> {
    return { model: true, pattern: true }
  }

  protected override make(disk: NewDisk, options: ReadonlyMap<string, string>): void {
    const wanted = options.get('pattern')
    if (wanted === undefined) return super.make(disk, options)
    const seed = parseCount(wanted, 0, 0xffffffff)
    if (!seed.ok) return void this.refuse(`--pattern: ${seed.message}`)
    const { name, sizeBytes, model } = disk
    if (sizeBytes > PATTERN_BYTES_MAX) {
      return void this.refuse(`a disk with a pattern has at most ${formatSize(PATTERN_BYTES_MAX)}`)
    }
    const made = this.world.lab.createDisk(name, sizeBytes, model)
    if (!made.ok) return this.report(made)
    const pattern = new Pattern(seed.value)
    const piece = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes))
    for (let at = 0; at < sizeBytes; at += piece.length) {
      const bytes = piece.subarray(0, Math.min(piece.length, sizeBytes - at))
      pattern.fill(bytes)
      made.value.media.write(at, bytes, 0, bytes.length)
    }
  }
}

export const PATTERN_DISK: CommandSpec = {
  ...DISK,
  usage: DISK.usage.replace('[--model ideal|ssd|hdd]', '[--model ideal|ssd|hdd] [--pattern N]'),
  summary:
    'Makes a disk, blank or with a pattern, lists the disks, pulls one out, puts the old one or a blank one back.',
  begin: (world, invocation) => new PatternDiskCommand(world, invocation),
}
