/** What the inspector says of disks, mapped devices and workloads. */
import { INFLIGHT_COLUMNS } from '../../engine/api/frame.ts'
import { OP_NAMES } from '../../engine/api/vocabulary.ts'
import { bytes, clock, duration, perSecond, plural, sectorBytes } from '../draw/format.ts'
import { flowWords } from './flow_words.ts'
import { hoverKey } from './hover_id.ts'
import { originOf } from './inspect_origin.ts'
import { deviceName, flightsOf, type Cause, type Field, type Inspection } from './inspection.ts'
import type { Picture } from './picture.ts'

const NOTHING = {
  verdict: '',
  verdictTone: 'plain',
  why: '',
  causes: [],
  pending: [],
  procedures: [],
  origin: [],
} as const

/** The last line that speaks of something. */
function startedBy(picture: Picture, isIt: (line: string) => boolean): readonly Cause[] {
  const line = picture.causes.findLast(isIt)
  return line === undefined ? [] : [{ key: 'line', text: line, detail: '', tone: 'plain', isUnderWay: false }]
}

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
      { label: 'flow', value: flowWords(picture.scene, `mapper/${name}`) },
      { label: 'stands on', value: mapped.below.join(' · ') || 'nothing' },
      ...mapped.table.map((line, i) => ({ label: i === 0 ? 'table' : `table ${i + 1}`, value: line })),
      ...mapped.status.map((line, i) => ({ label: i === 0 ? 'status' : `status ${i + 1}`, value: line })),
    ],
    surprises: picture.frame?.arrays.find((array) => array.name === `mapper/${name}`)?.surprises ?? [],
    origin: startedBy(picture, (line) => line.startsWith('dmsetup ') && line.split(' ').includes(name)),
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
    pending:
      workload.inflight === 0
        ? []
        : [
            {
              key: 'requests',
              text: `${plural(workload.inflight, 'request')} not answered yet`,
              detail: workload.device,
              tone: 'plain',
            },
          ],
    origin: startedBy(picture, (line) => line.startsWith(`workload start ${name} `)),
  }
}

/** One disk. */
export function inspectDisk(picture: Picture, name: string): Inspection | undefined {
  const disk = picture.frame?.disks.find((candidate) => candidate.name === name)
  if (!disk) return undefined
  const inflight = disk.inflight.length / INFLIGHT_COLUMNS
  const cached = disk.cacheSectors.length
  let sectors = 0
  for (const mask of disk.cacheMasks) for (let rest = mask; rest !== 0; rest &= rest - 1) sectors++
  const faults = picture.frame!.faults.filter((fault) => fault.disk === name)
  const oldest = cached > 0 ? picture.frame!.time - disk.cacheSince[0] : 0
  return {
    ...NOTHING,
    title: name,
    verdict: disk.pulled ? 'pulled' : disk.isAbsent ? 'no power' : '',
    verdictTone: 'danger',
    fields: [
      { label: 'size', value: sectorBytes(disk.sectors) },
      { label: 'model', value: disk.model },
      { label: 'used by', value: disk.claimedBy || 'nobody', ...ownerLink(picture, disk.claimedBy) },
      { label: 'in flight', value: plural(inflight, 'request') },
      { label: 'flow', value: flowWords(picture.scene, name) },
      { label: 'reads', value: `${plural(disk.reads, 'read')}, ${sectorBytes(disk.readSectors)}` },
      { label: 'writes', value: `${plural(disk.writes, 'write')}, ${sectorBytes(disk.writeSectors)}` },
      {
        label: 'cache',
        value:
          cached === 0 ? 'empty' : `${bytes(disk.cacheBytes)} in ${plural(cached, 'page')}, oldest ${duration(oldest)}`,
        tone: cached > 0 ? 'amber' : 'plain',
      },
      ...faults.map(({ id, kind, sector, sectors: length, healed }) => ({
        label: `fault ${id}`,
        value:
          kind === 'rot' || kind === 'latent'
            ? `${kind} at ${sector}+${length}${healed > 0 ? `, ${healed} rewritten` : ''}`
            : kind,
        tone: 'danger' as const,
        links: [
          {
            text: kind === 'rot' || kind === 'latent' ? `${kind} at ${sector}+${length}` : kind,
            select: { kind: 'fault', fault: id } as const,
            hover: hoverKey({ kind: 'fault', fault: id }),
            tone: 'danger' as const,
          },
          ...(healed > 0 ? [{ text: `${healed} rewritten` }] : []),
        ],
      })),
      {
        label: 'if cut now',
        value:
          sectors === 0
            ? 'it loses nothing'
            : `each of ${plural(sectors, 'sector')} in its cache survives or is lost, by chance`,
        tone: sectors === 0 ? 'plain' : 'amber',
      },
    ],
    causes: disk.inflight.length === 0 ? [] : diskCauses(picture, disk.inflight[0]),
    pending: flightsOf(picture, { members: [disk] }, () => true),
    origin: originOf(picture, `disk ${disk.index}`),
  }
}

function ownerLink(picture: Picture, owner: string): Pick<Field, 'links'> {
  if (!picture.arrays.has(owner)) return {}
  const hover = hoverKey({ kind: 'array', array: owner })
  return { links: [{ text: owner, select: { kind: 'array', array: owner }, hover }] }
}

function diskCauses(picture: Picture, bio: number): readonly Cause[] {
  const cause = picture.bios.causeOf(bio)
  const from: Cause[] =
    cause > 0 && picture.causes[cause]
      ? [{ key: 'cause', text: picture.causes[cause], detail: '', tone: 'plain', isUnderWay: false }]
      : []
  const chain = picture.bios.chain(bio).map((record, i, all): Cause => {
    const isLast = i === all.length - 1
    return {
      key: String(record.id),
      text: `${OP_NAMES[(record.opFlags & 7) as 0] ?? 'I/O'} ${record.sector}+${record.sectors}`,
      detail: `bio ${record.id} · ${deviceName(picture, record.device)} · ${clock(record.submittedAt)}`,
      tone: isLast ? 'data' : 'plain',
      isUnderWay: isLast,
      hover: hoverKey({ kind: 'bio', bio: record.id }),
    }
  })
  return [...from, ...chain]
}
