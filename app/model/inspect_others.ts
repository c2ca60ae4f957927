/** What the inspector says of mapped devices and workloads. */
import { perSecond, plural, sectorBytes } from '../draw/format.ts'
import type { Inspection } from './inspection.ts'
import type { Picture } from './picture.ts'

const NOTHING = { verdict: '', verdictTone: 'plain', why: '', causes: [] } as const

export function inspectMapped(picture: Picture, name: string): Inspection | undefined {
  const mapped = picture.frame?.mapped.find((candidate) => candidate.name === name)
  if (!mapped) return undefined
  return {
    ...NOTHING,
    title: `/dev/mapper/${name}`,
    verdict: mapped.state === 'suspended' ? 'suspended' : '',
    verdictTone: 'amber',
    fields: [
      { label: 'size', value: sectorBytes(mapped.sectors) },
      { label: 'device', value: `253:${mapped.minor}` },
      { label: 'state', value: mapped.state },
      { label: 'open', value: plural(mapped.openers, 'opener') },
      { label: 'stands on', value: mapped.below.join(' · ') || 'nothing' },
      ...mapped.table.map((line, i) => ({ label: i === 0 ? 'table' : `table ${i + 1}`, value: line })),
      ...mapped.status.map((line, i) => ({ label: i === 0 ? 'status' : `status ${i + 1}`, value: line })),
    ],
  }
}

export function inspectWorkload(picture: Picture, name: string): Inspection | undefined {
  const workload = picture.frame?.workloads.find((candidate) => candidate.name === name)
  const rate = picture.scene.workloads.find((candidate) => candidate.name === name)?.rate ?? 0
  if (!workload) return undefined
  const asked = workload.ratePerSecond > 0 ? `, ${perSecond(workload.ratePerSecond)} asked for` : ''
  return {
    ...NOTHING,
    title: `Workload ${name}`,
    verdict: workload.errors > 0 ? plural(workload.errors, 'error') : '',
    verdictTone: 'danger',
    fields: [
      { label: 'device', value: workload.device },
      { label: 'pattern', value: `${workload.pattern}, ${workload.readPercent} % reads` },
      { label: 'size', value: `${sectorBytes(workload.sizeSectors)}${workload.isSync ? ', sync' : ''}` },
      { label: 'region', value: `${workload.fromSector}+${workload.regionSectors}` },
      { label: 'in flight', value: `${workload.inflight} of ${workload.depth}` },
      { label: 'done', value: plural(workload.ios, 'I/O') },
      { label: 'rate', value: `${perSecond(rate)}${asked}` },
    ],
  }
}
