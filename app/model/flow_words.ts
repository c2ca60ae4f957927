/** What goes through a device, in words. */
import { byteRate, perSecond } from '../draw/format.ts'
import type { MachineScene } from './machine_scene.ts'

/** @returns of reads and writes only those that there are */
export function flowWords({ flows }: Pick<MachineScene, 'flows'>, id: string): string {
  const flow = flows.find((one) => one.id === id)
  if (!flow || flow.reads + flow.writes === 0) return 'nothing'
  const parts = [
    flow.reads > 0 ? `${perSecond(flow.reads)} reads` : '',
    flow.writes > 0 ? `${perSecond(flow.writes)} writes` : '',
    byteRate(flow.bytes),
  ]
  return parts.filter(Boolean).join(', ')
}
