/** What goes along the links of the stack: reads up, writes down. */
import type { StackDevice } from '../draw/stack_layout.ts'
import type { FlowScene } from './machine_scene.ts'

/** I/Os per second of virtual time. */
export interface LinkFlow {
  readonly reads: number
  readonly writes: number
}

const NONE: LinkFlow = { reads: 0, writes: 0 }
const sum = ({ reads, writes }: LinkFlow): number => reads + writes

/**
 * Between each device and each that it stands on. Every device counts what reaches it, whoever sent it. Where several send, sources
 * are known by their own rates, and the rest is shared among the devices as they are busy themselves; an array with nothing to do but a
 * resync keeps its share where it is alone.
 * @returns by the ids of the links: `FROM TO`
 */
export function linkFlows(
  devices: readonly StackDevice[],
  flows: readonly FlowScene[],
): Readonly<Record<string, LinkFlow>> {
  const byId = new Map<string, LinkFlow>(flows.map((flow) => [flow.id, flow]))
  const links: Record<string, LinkFlow> = {}
  for (const { id: to } of devices) {
    const above = devices.filter(({ below }) => below.includes(to))
    let rest = byId.get(to) ?? NONE
    const unknown: StackDevice[] = []
    for (const source of above.filter(({ kind }) => kind === 'source')) {
      const flow = byId.get(source.id)
      if (flow === undefined) unknown.push(source)
      else {
        links[`${source.id} ${to}`] = { reads: flow.reads, writes: flow.writes }
        rest = { reads: Math.max(0, rest.reads - flow.reads), writes: Math.max(0, rest.writes - flow.writes) }
      }
    }
    // A command under way has no rate of its own: it is what nobody else sends.
    const sharers = [...above.filter(({ kind }) => kind !== 'source'), ...unknown]
    const weights = sharers.map(({ id }) => sum(byId.get(id) ?? NONE))
    const all = weights.reduce((total, weight) => total + weight, 0)
    sharers.forEach(({ id }, i) => {
      const share = all > 0 ? weights[i] / all : 1 / sharers.length
      links[`${id} ${to}`] = { reads: rest.reads * share, writes: rest.writes * share }
    })
  }
  return links
}
