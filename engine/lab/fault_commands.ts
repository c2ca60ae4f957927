/** `fault`: wounds of disks, over pristine bytes. */
import type { Result } from '../base/errno.ts'
import type { Fault, FaultKind } from '../block/fault.ts'
import { InstantCommand, type CommandSpec } from '../shell/command.ts'
import { parseChoice } from './options.ts'
import { formatTime, parseCount, parseSectors, parseTime } from './units.ts'

const USAGE = 'add rot|latent DISK SECTOR[+COUNT] | add slow DISK FACTOR | add hang DISK [TIME] | list | lift ID'

const KINDS: readonly FaultKind[] = ['rot', 'latent', 'slow', 'hang']

const SLOWNESS_MAX = 1_000_000

class FaultCommand extends InstantCommand {
  override execute(): void {
    const { argv } = this
    switch (argv[1]) {
      case 'add':
        return this.add()
      case 'list':
        if (argv.length !== 2) return void this.refuse('usage: fault list')
        for (const fault of this.world.lab.faults()) this.print(describe(fault))
        return
      case 'lift': {
        const id = parseCount(argv[2] ?? '', 1)
        if (argv.length !== 3 || !id.ok) return void this.refuse('usage: fault lift ID, as fault list shows it')
        const lifted = this.world.lab.liftFault(id.value)
        if (!lifted.ok) this.refuse(lifted.message)
        return
      }
      default:
        this.refuse(`usage: fault ${USAGE}`)
    }
  }

  private add(): void {
    const [, , kindText, disk, amount, ...rest] = this.argv
    if (disk === undefined || rest.length > 0) return void this.refuse(`usage: fault ${USAGE}`)
    const kind = parseChoice(kindText, 'fault', KINDS)
    if (!kind.ok) return void this.refuse(kind.message)
    const added = this.addKind(kind.value, disk, amount)
    if (added.ok) this.print(`fault ${added.value.id}`)
    else this.refuse(added.message)
  }

  private addKind(kind: FaultKind, disk: string, amount: string | undefined): Result<Fault> {
    const { lab } = this.world
    const whole = Math.floor((lab.disks().find((slot) => slot.name === disk)?.sizeBytes ?? 0) / 512)
    switch (kind) {
      case 'rot':
      case 'latent': {
        const range = parseSectors(amount ?? '')
        return range.ok ? lab.addFault(kind, disk, range.value.sector, range.value.sectors, 0) : range
      }
      case 'slow': {
        const factor = parseCount(amount ?? '', 2, SLOWNESS_MAX)
        return factor.ok ? lab.addFault(kind, disk, 0, whole, factor.value) : factor
      }
      case 'hang': {
        if (amount === undefined) return lab.addFault(kind, disk, 0, whole, Infinity)
        const time = parseTime(amount)
        return time.ok ? lab.addFault(kind, disk, 0, whole, lab.sim.now + time.value) : time
      }
    }
  }
}

function describe(fault: Fault): string {
  const { id, kind, disk, sector, sectors, healed, amount } = fault
  switch (kind) {
    case 'rot':
    case 'latent': {
      const healedText = healed.size > 0 ? `, ${healed.size} rewritten since` : ''
      return `${id} ${kind} ${disk} ${sector}+${sectors}${healedText}`
    }
    case 'slow':
      return `${id} slow ${disk} ${amount} times`
    case 'hang':
      return `${id} hang ${disk} ${amount === Infinity ? 'until lifted' : `until ${formatTime(amount)}`}`
  }
}

export const FAULT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'fault',
    family: 'lab',
    usage: USAGE,
    summary: 'Wounds a disk: rotten or unreadable sectors, slowness, silence; each can be lifted by its id.',
    interjects: () => true,
    begin: (world, invocation) => new FaultCommand(world, invocation),
  },
]
