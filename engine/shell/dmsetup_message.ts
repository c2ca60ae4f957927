/** `dmsetup message` and `dmsetup rename`. */
import { MessageOperation } from '../dm/message.ts'
import { DONE } from '../sim/procedure.ts'
import type { DmsetupRun } from './dmsetup.ts'
import { newName, newUuid } from './dmsetup_names.ts'

export function message(run: DmsetupRun): string {
  const words = [...run.options.words]
  const device = run.selected() ?? run.find(words.shift() as string)
  if (!device.ok) return run.fails(device)
  const sector = words.shift() ?? ''
  if (!/^\d+$/.test(sector)) return run.refuse(`message wants NAME SECTOR TEXT..., and ${sector} is no sector number`)
  return run.carryOut(new MessageOperation(device.value, Number(sector), words.join(' ')), 'answered')
}

export function answered(run: DmsetupRun): string {
  const { work } = run
  if (!(work instanceof MessageOperation)) return DONE
  if (work.failure !== null) return run.fails(work.failure, `message ${work.device.mapName}`)
  const { answer } = work
  if (answer !== null) run.stdout += answer === '' || answer.endsWith('\n') ? answer : `${answer}\n`
  return DONE
}

/** Gives a device another name, or one that has none a uuid. */
export function rename(run: DmsetupRun): string {
  const { words } = run.options
  const device = words.length === 2 ? run.find(words[0]) : run.selected()
  if (device === undefined) return run.wants('rename NAME NEWNAME, or rename NAME --setuuid UUID')
  if (!device.ok) return run.fails(device)
  const wanted = words[words.length - 1]
  const name = run.has('setuuid') ? newUuid(wanted) : newName(wanted)
  if (!name.ok) return run.fails(name)
  const { value } = device
  const done = run.has('setuuid') ? run.dm.setUuid(value, name.value) : run.dm.rename(value, name.value)
  return done.ok ? DONE : run.fails(done, `rename ${value.mapName}`)
}
