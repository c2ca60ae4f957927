/** The boxes of the stack: what each says, and what picking it means. */
import { perSecond, sectorBytes } from '../draw/format.ts'
import type { StackDevice } from '../draw/stack_layout.ts'
import type { DiskScene, MachineScene, WorkloadScene } from './machine_scene.ts'
import type { Selection } from './page_store.ts'
import type { ArrayScene } from './scene.ts'
import { syncName } from './sync_name.ts'

export interface StackCard {
  readonly name: string
  readonly facts: string
  /** I/Os per second; empty while there are none. */
  readonly rate: string
  readonly tone: 'plain' | 'amber' | 'danger'
  /** What is picked with it; a command under way cannot be. */
  readonly selection?: Selection
  readonly disk?: DiskScene
}

const joined = (...parts: readonly string[]): string => parts.filter(Boolean).join(' · ')

/** All that can be read while it changes. */
const twoFigures = (rate: number): number => Number(rate.toPrecision(2))

const rateWords = (rate: number): string => (rate > 0 ? perSecond(rate) : '')

function workloadCard(workload: WorkloadScene): StackCard {
  const { name, kind, sizeSectors, isSync, rate, errors } = workload
  return {
    name: kind,
    facts: joined(sectorBytes(sizeSectors), isSync ? 'sync' : '', name, errors > 0 ? `${errors} errors` : ''),
    rate: rateWords(rate),
    tone: errors > 0 ? 'danger' : 'plain',
    selection: { kind: 'workload', workload: name },
  }
}

function arrayCard(array: ArrayScene, rate: string): StackCard {
  const isDegraded = array.health.includes('_')
  const syncing = array.sync && `${syncName(array.sync.action)} ${(array.sync.done * 100).toFixed(0)}%`
  const health = !isDegraded ? '' : syncing === undefined ? `degraded [${array.health}]` : 'degraded'
  return {
    name: `/dev/${array.name}`,
    rate,
    // What is most pressing comes first: there is room for two.
    facts: joined(
      isDegraded && syncing ? '' : `raid${array.level}`,
      health,
      syncing ?? (isDegraded ? '' : array.state),
    ),
    tone: isDegraded ? 'danger' : syncing ? 'amber' : 'plain',
    selection: { kind: 'array', array: array.name },
  }
}

function diskCard(disk: DiskScene): StackCard {
  const { name, model, doing, faults, isPulled, isAbsent, cacheBytes } = disk
  const rate = isAbsent ? 0 : disk.rate
  return {
    name,
    rate: rateWords(rate),
    facts: joined(model, doing, faults === 0 ? '' : faults === 1 ? '1 fault' : `${faults} faults`),
    tone: isPulled || faults > 0 ? 'danger' : cacheBytes > 0 ? 'amber' : 'plain',
    selection: { kind: 'disk', disk: name },
    disk,
  }
}

/** Ids of the stack's boxes, and the boxes. */
export function stackCards(scene: MachineScene): ReadonlyMap<string, StackCard> {
  const rates = new Map(scene.flows.map(({ id, reads, writes }) => [id, rateWords(twoFigures(reads + writes))]))
  return new Map<string, StackCard>([
    [
      'command',
      { name: scene.command, facts: 'the command under way', rate: '', tone: 'plain', selection: { kind: 'command' } },
    ],
    ...scene.workloads.map((workload) => [`workload ${workload.name}`, workloadCard(workload)] as const),
    ...scene.mapped.map(
      ({ name, state }) =>
        [
          `mapper/${name}`,
          {
            name: `/dev/mapper/${name}`,
            facts: joined('device-mapper', state),
            rate: rates.get(`mapper/${name}`) ?? '',
            tone: state === 'suspended' ? 'amber' : 'plain',
            selection: { kind: 'mapped', mapped: name },
          },
        ] as const,
    ),
    // A raid target is a mapped device and an array; there is more to be said of the array.
    ...scene.arrays.map((array) => [array.name, arrayCard(array, rates.get(array.name) ?? '')] as const),
    ...scene.disks.map((disk) => [disk.name, diskCard(disk)] as const),
  ])
}

/** Who stands on whom, as far as it decides the drawing. */
export function stackDevices(scene: MachineScene): StackDevice[] {
  const short = (path: string): string => path.replace(/^\/dev\//, '')
  const mapped = scene.mapped.map(({ name, below }) => ({
    id: `mapper/${name}`,
    kind: 'device' as const,
    below: below.map(short),
  }))
  const arrays = scene.arrays.filter(({ name }) => !mapped.some(({ id }) => id === name))
  const named = [...mapped.map(({ id }) => id), ...arrays.map(({ name }) => name)]
  const words = new Set(scene.command.split(/[\s=]+/))
  const target = named.find((name) => words.has(`/dev/${name}`))
  return [
    ...(target !== undefined ? [{ id: 'command', kind: 'source' as const, below: [target] }] : []),
    ...scene.workloads.map(({ name, device }) => ({
      id: `workload ${name}`,
      kind: 'source' as const,
      below: [short(device)],
    })),
    ...arrays.map(({ name, members, others }) => ({
      id: name,
      kind: 'device' as const,
      below: [...members, ...others]
        .map(({ disk }) => disk)
        .filter((disk) => disk !== '-')
        .sort(),
    })),
    ...mapped,
    ...scene.disks.map(({ name }) => ({ id: name, kind: 'disk' as const, below: [] })),
  ]
}
