/**
 * Makes the output of both worlds comparable: numbers and kernel names of devices become the names of the disks. In the kernel a
 * disk is loopN with the numbers 7:N, in the simulator it has its own name and 8:16N; N counts the disks in the order of their
 * names. Mapped devices are 253:N and arrays 9:N in both.
 */
import type { World } from './script.ts'

const LOOP_MAJOR = '7'
const DISK_MAJOR = '8'
const DISK_MINORS = 16

/** How far a sync of dm-raid is while it runs, or when it was held, is a matter of time. */
const RAID_PROGRESS = /\b(?:\d+\/(?=\d+ (?:resync|recover|check|repair))|[1-9]\d*\/(?=\d+ frozen))(\d+) (\w+)/g

/** Targets that Linux has not, where `dmsetup targets` lists all. */
const OWN_TARGETS = /^(?:bufio_test|checksum|hashtree) +v[\d.]+\n/gm

export class Names {
  private readonly world: World
  private readonly disks: readonly string[]

  constructor(world: World, disks: readonly string[]) {
    this.world = world
    this.disks = disks
  }

  /** The disk with these numbers; the numbers themselves for any other device. */
  of(major: string, minor: string): string {
    const kernel = this.world === 'kernel'
    const index = kernel ? Number(minor) : Number(minor) / DISK_MINORS
    if (major === (kernel ? LOOP_MAJOR : DISK_MAJOR)) return this.disks[index] ?? `${major}:${minor}`
    return `${major}:${minor}`
  }

  /** Output of a command, with the names of the disks put in. */
  normalise(command: string, stdout: string): string {
    const tool = command.trimStart().split(/\s/)[0]
    let text = stdout
    if (this.world === 'kernel') {
      text = text.replace(/\bloop(\d+)\b/g, (all, index: string) => this.disks[Number(index)] ?? all)
    }
    if (tool === 'dmsetup') {
      text = text.replace(/\b(\d+):(\d+)\b/g, (_, major: string, minor: string) => this.of(major, minor))
      text = text.replace(/\((\d+), (\d+)\)/g, (all, major: string, minor: string) => {
        const name = this.of(major, minor)
        return name.includes(':') ? all : `(${name})`
      })
      text = text.replace(OWN_TARGETS, '')
      text = text.replace(RAID_PROGRESS, '…/$1 $2')
    }
    // What lies behind the judge's disks is the judge's own.
    if (tool === 'veritysetup' || tool === 'integritysetup') text = text.replace(/^ +(?:\w+ )?loop: .*\n/gm, '')
    return tool === 'raid6check' ? inOrderOfSlots(text) : text
  }
}

/** raid6check lists the members in the order in which a directory happens to have them. */
function inOrderOfSlots(text: string): string {
  const lines = text.split('\n')
  const slotOf = (line: string): number => Number(/^disk: \d+ .* slot: (-?\d+)$/.exec(line)?.[1] ?? NaN)
  const places = [...lines.keys()].filter((i) => !Number.isNaN(slotOf(lines[i]!)))
  const members = places.map((i) => lines[i]!).sort((a, b) => slotOf(a) - slotOf(b))
  for (const [n, i] of places.entries()) lines[i] = members[n]!.replace(/^disk: \d+/, `disk: ${n}`)
  return lines.join('\n')
}
