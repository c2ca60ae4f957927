/** What can be done to a disk as faults, each as the line that does it; what cannot be done says why. */
import type { FaultScene, MachineScene } from './machine_scene.ts'

export interface FaultLine {
  readonly label: string
  readonly line: string
  readonly refusal?: string | undefined
}

/** A wound in a few words: `latent sda 2048+8`. */
export function faultWords({ kind, disk, sector, sectors, healed }: FaultScene): string {
  if (kind === 'slow' || kind === 'hang') return `${kind} ${disk}`
  const mended = healed > 0 ? `, ${healed} rewritten since` : ''
  return `${kind} ${disk} ${sector}+${sectors}${mended}`
}

function liftLines(faults: readonly FaultScene[]): readonly FaultLine[] {
  return faults.map((fault) => ({
    label: `Lift fault ${fault.id}: ${faultWords(fault)}`,
    line: `fault lift ${fault.id}`,
  }))
}

/** What a disk's menu offers beside pulling and inserting. */
export function diskFaultLines(scene: MachineScene, disk: string): readonly FaultLine[] {
  const isPulled = scene.disks.find(({ name }) => name === disk)?.isPulled ?? false
  const refusal = isPulled ? `${disk} is pulled.` : undefined
  return [
    { label: 'Hang until it is lifted', line: `fault add hang ${disk}`, refusal },
    ...liftLines(scene.faults.filter((fault) => fault.disk === disk)),
  ]
}

/** Why a disk cannot be wounded, if it cannot. */
function woundRefusal(scene: MachineScene, disk: string): string | undefined {
  const found = scene.disks.find(({ name }) => name === disk)
  return !found ? `${disk} is no disk.` : found.isPulled ? `${disk} is pulled.` : undefined
}

/** What the menu of any place on a disk offers of all of it. */
export function diskLines(scene: MachineScene, disk: string): readonly FaultLine[] {
  const refusal = woundRefusal(scene, disk)
  return [
    { label: `${disk}: ten times slower`, line: `fault add slow ${disk} 10`, refusal },
    { label: `${disk}: hang for 100 ms`, line: `fault add hang ${disk} 100ms`, refusal },
    { label: `${disk}: pull it`, line: `disk pull ${disk}`, refusal },
  ]
}

/** The faults that lie in a stretch of a disk, or all over it. */
export function liftsAt(scene: MachineScene, disk: string, sector: number, sectors: number): readonly FaultLine[] {
  const here = scene.faults.filter(
    (fault) =>
      fault.disk === disk &&
      (fault.kind === 'slow' ||
        fault.kind === 'hang' ||
        (fault.sector < sector + sectors && fault.sector + fault.sectors > sector)),
  )
  return liftLines(here)
}

/**
 * What a chunk's menu offers of the disk below it.
 * @param sector first of the chunk on the disk
 */
export function chunkFaultLines(
  scene: MachineScene,
  disk: string,
  sector: number,
  sectors: number,
): readonly FaultLine[] {
  const refusal = woundRefusal(scene, disk)
  return [
    { label: 'Make the whole chunk unreadable', line: `fault add latent ${disk} ${sector}+${sectors}`, refusal },
    ...diskLines(scene, disk),
    ...liftsAt(scene, disk, sector, sectors),
  ]
}

export const FAULT_KINDS = ['latent', 'rot', 'slow', 'hang'] as const
export type FaultKindName = (typeof FAULT_KINDS)[number]

export interface FaultForm {
  readonly kind: FaultKindName
  readonly disk: string
  /** `2048+8` for latent and rot, a factor for slow, a time or nothing for hang. */
  readonly amount: string
}

export function faultLine({ kind, disk, amount }: FaultForm): string {
  return `fault add ${kind} ${disk}${amount === '' ? '' : ` ${amount}`}`
}

/** What is wrong with the amount, or undefined. @param sectors of the disk */
export function faultTrouble({ kind, disk, amount }: FaultForm, sectors: number): string | undefined {
  if (disk === '') return 'There is no disk.'
  if (kind === 'slow') return /^([2-9]|[1-9]\d{1,5}|1000000)$/.test(amount) ? undefined : 'A factor from 2 on.'
  if (kind === 'hang') {
    const isFine = amount === '' || /^\d{1,9}(\.\d{1,9})?(ns|us|ms|s|m|h)$/.test(amount)
    return isFine ? undefined : 'A time such as 100ms, or nothing for ever.'
  }
  const match = /^(\d{1,12})(?:\+(\d{1,12}))?$/.exec(amount)
  if (!match || Number(match[2] ?? '1') === 0) return 'Sectors such as 2048 or 2048+8.'
  const end = Number(match[1]) + Number(match[2] ?? '1')
  return end <= sectors ? undefined : `${disk} has ${sectors} sectors.`
}
