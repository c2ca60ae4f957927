/**
 * `reboot` and `poweroff`: the kernel stops of itself. Who registered for that is told, one after the other, while everything else goes on;
 * then the disks write down what is in their caches, and the kernel ends.
 *
 * There is no init here: nothing is unmounted, no array stopped, no mapped device removed first, as when Linux is told with `-f`. Workloads
 * end before the first is told; with `-f` they do not, and write until the end.
 * @source kernel_restart_prepare, kernel/reboot.c, and sd_shutdown, drivers/scsi/sd.c, 6.1
 */
import { Bio, FLUSH, SYNC } from '../block/bio.ts'
import { Disk } from '../block/disk.ts'
import { POWEROFF, RESTART } from '../block/power_switch.ts'
import { LATER_WRITES_RULE, nextNotifier, type RebootNotifier } from '../block/reboot_notifiers.ts'
import { MdRebootNotifier } from '../md/reboot_arrays.ts'
import { DONE } from '../sim/procedure.ts'
import { WriteBack } from './buffered_io.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { getopt } from './getopt.ts'
import { NOTIFIERS_RULE, ORDER_RULE } from './reboot_rules.ts'

class Reboot extends CommandRun {
  private readonly told: RebootNotifier[]
  private readonly md: RebootNotifier

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'write back')
    this.told = []
    this.md = new MdRebootNotifier(world.kernel.md, world.lab.rules.get(LATER_WRITES_RULE) !== 'forgotten')
  }

  override steps() {
    return STEPS
  }

  get word(): string {
    return this.argv[0]
  }

  writeBack(): string {
    const options = getopt(this.argv, 'fn', { force: 'f', 'no-sync': 'n' })
    if (!options.ok) return this.refuse(options.message)
    const { given, words } = options.value
    if (words.length > 0) return this.refuse(`takes no words; ${USAGE}`)
    const has = (letter: string): boolean => given.some(({ name }) => name === letter)
    if (!has('f')) this.world.lab.pauseWorkloads(true)
    if (has('n')) return 'tell the next'
    for (const cache of this.world.kernel.pageCaches.dirty()) this.call(new WriteBack(cache, 0, this.cause))
    return 'tell the next'
  }

  /** Whoever registers meanwhile is told, too. */
  tellTheNext(): string {
    const { devices } = this.world.kernel
    const rules = this.world.lab.rules
    if (rules.get(NOTIFIERS_RULE) === 'off') return 'flush the disks'
    const all = [this.md, ...devices.notifiers]
    const next = nextNotifier(all, this.told, rules.get(ORDER_RULE) === 'reversed' ? -1 : 1)
    if (next === undefined) return 'flush the disks'
    this.told.push(next)
    const procedure = next.rebootNotified()
    if (procedure === null) return 'tell the next'
    this.print(`${this.word}: ${next.name} (priority ${next.priority})`)
    this.call(procedure)
    return 'tell the next'
  }

  flushTheDisks(): string {
    for (const device of this.world.kernel.devices.all()) {
      if (!(device instanceof Disk)) continue
      this.expect()
      device.submit(new Bio(this.sim, this, FLUSH, SYNC, 0, 0, 0, this.cause))
    }
    return 'end the kernel'
  }

  /** A disk that could not write down its cache does not keep the kernel. */
  bioDone(): void {
    this.arrived()
  }

  endTheKernel(): string {
    const { lab, shell } = this.world
    lab.stopKernel(this.word === 'reboot' ? RESTART : POWEROFF)
    if (this.word === 'reboot') shell.typeNext('power on')
    return DONE
  }
}

const STEPS = {
  'write back': (run: Reboot) => run.writeBack(),
  'tell the next': (run: Reboot) => run.tellTheNext(),
  'flush the disks': (run: Reboot) => run.flushTheDisks(),
  'end the kernel': (run: Reboot) => run.endTheKernel(),
}

const USAGE = '[-f] [-n]'

function spec(name: string, summary: string): CommandSpec {
  return {
    name,
    family: 'linux',
    usage: USAGE,
    summary,
    begin: (world, invocation) => new Reboot(world, invocation),
  }
}

export const REBOOT: readonly CommandSpec[] = [
  spec(
    'reboot',
    'Tells devices, flushes the disks, ends the kernel and boots a new one; -f lets workloads write until the end, -n writes no cache back.',
  ),
  spec(
    'poweroff',
    'Tells devices, flushes the disks and switches the power off; -f lets workloads write until the end, -n writes no cache back.',
  ),
]
