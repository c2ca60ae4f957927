/** What dmsetup prints that is not of one device: `ls`, `targets`, `version`. */
import { DONE } from '../sim/procedure.ts'
import type { DmsetupRun } from './dmsetup.ts'
import { listLine, shownName } from './dmsetup_show.ts'
import { treeText } from './dmsetup_tree.ts'
import { targetLines } from './target_lines.ts'

export function list(run: DmsetupRun): string {
  const all = run.dm.all()
  if (all.length === 0) {
    run.print('No devices found')
    return DONE
  }
  const target = run.options.values.get('target')
  if (target !== undefined) {
    for (const device of all) {
      if (targetLines(device.active, 'status', target, '') === '') continue
      run.print(`${shownName(device)}\t(${device.major}, ${device.minor})`)
    }
    return DONE
  }
  if (run.has('tree')) {
    const tree = treeText(run.dm, run.options.values.get('options') ?? '')
    if (!tree.ok) return run.fails(tree)
    run.stdout += tree.value
    return DONE
  }
  for (const device of all) run.stdout += listLine(device, run.naming())
  return DONE
}

/** Every kind of target, the newest first. @source _targets, dmsetup.c, 1.02.185 */
export function targets(run: DmsetupRun): string {
  for (const type of [...run.dm.registry.types].reverse()) printVersion(run, type.name, type.version)
  return DONE
}

export function targetVersion(run: DmsetupRun): string {
  for (const name of run.options.words) {
    const type = run.dm.registry.find(name)
    if (type === undefined) return run.refuse(`there is no target type ${name}; see dmsetup targets`)
    printVersion(run, type.name, type.version)
  }
  return DONE
}

function printVersion(run: DmsetupRun, name: string, version: readonly number[]): void {
  run.print(`${name.padEnd(16)} v${version.join('.')}`)
}

export function version(run: DmsetupRun): string {
  run.print('Library version:   1.02.185 (2022-05-18)')
  run.print('Driver version:    4.47.0')
  return DONE
}
