/** blockdev: asks block devices for their properties, or sets them. */
import { STRERROR } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { logicalSectors } from '../dm/logical_size.ts'
import { InstantCommand, type CommandSpec } from './command.ts'
import { findDevice } from './namespace.ts'

/** What is asked for, by option: the answer, or null where something is set. */
const QUESTIONS: Readonly<Record<string, (device: BlockDevice) => number | null>> = {
  '--getsz': (device) => device.sectors,
  '--getsize': (device) => device.sectors,
  '--getsize64': (device) => device.sectors * 512,
  '--getss': logicalBytes,
  '--getpbsz': logicalBytes,
  '--getiomin': logicalBytes,
  '--getioopt': () => 0,
  '--getalignoff': () => 0,
  '--getbsz': () => 4096,
  '--getra': () => 256,
  '--getro': (device) => (device.readOnly ? 1 : 0),
  '--setro': (device) => setReadOnly(device, true),
  '--setrw': (device) => setReadOnly(device, false),
  // Nothing is kept between two commands that could be flushed.
  '--flushbufs': () => null,
}

function logicalBytes(device: BlockDevice): number {
  return logicalSectors(device) * 512
}

function setReadOnly(device: BlockDevice, readOnly: boolean): null {
  device.readOnly = readOnly
  return null
}

class BlockdevCommand extends InstantCommand {
  override execute(): void {
    const words = this.argv.slice(1)
    const options = words.filter((word) => word.startsWith('-'))
    const paths = words.filter((word) => !word.startsWith('-'))
    const unknown = options.find((option) => !Object.hasOwn(QUESTIONS, option))
    if (unknown !== undefined) {
      return void this.refuse(`Unknown command: ${unknown}; there are ${Object.keys(QUESTIONS).join(' ')}`)
    }
    if (options.length === 0) return void this.refuse(`no command; there are ${Object.keys(QUESTIONS).join(' ')}`)
    if (paths.length === 0) return void this.refuse('no device specified')
    for (const path of paths) {
      const device = findDevice(this.world.kernel, path)
      if (device === undefined) return void this.refuse(`cannot open ${path}: ${STRERROR.ENOENT}`)
      const errno = device.open()
      if (errno !== null) return void this.refuse(`cannot open ${path}: ${STRERROR[errno]}`)
      for (const option of options) {
        const answer = QUESTIONS[option](device)
        if (answer !== null) this.print(String(answer))
      }
      device.close()
    }
  }
}

export const BLOCKDEV: CommandSpec = {
  name: 'blockdev',
  family: 'linux',
  usage: '--getsz|--getsize64|--getss|--getpbsz|--getro|--setro|--setrw|--flushbufs DEVICE...',
  summary: 'Shows or sets properties of block devices.',
  begin: (world, invocation) => new BlockdevCommand(world, invocation),
}
