/**
 * The stack as a drawing: what makes I/O above, arrays and mapped devices below it, disks at the bottom, with links between. The
 * order comes from a d3 hierarchy of who stands on whom; a box's place from its depth in it.
 */
import { hierarchy, type HierarchyNode } from 'd3-hierarchy'
import { linkVertical } from 'd3-shape'

export interface StackDevice {
  readonly id: string
  readonly kind: 'source' | 'device' | 'disk'
  /** Ids of what it stands on. */
  readonly below: readonly string[]
}

export interface StackBox {
  readonly id: string
  readonly kind: StackDevice['kind']
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface StackLink {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly path: string
}

export interface StackLayout {
  readonly boxes: readonly StackBox[]
  readonly links: readonly StackLink[]
  readonly height: number
}

const BOX = 46
const GAP = 10
const LEVEL_GAP = 30
const MARGIN = 12
const INDENT = 26

interface Node {
  readonly device: StackDevice | undefined
  readonly children: Node[]
}

export function layOutStack(devices: readonly StackDevice[], width: number): StackLayout {
  const byId = new Map(devices.map((device) => [device.id, device]))
  const stoodUpon = new Set(devices.flatMap(({ below }) => below))
  const placed = new Set<string>()
  const nodeOf = (device: StackDevice): Node => {
    placed.add(device.id)
    const children = device.below.flatMap((id) => {
      const child = byId.get(id)
      return child && !placed.has(id) ? [nodeOf(child)] : []
    })
    return { device, children }
  }
  const tops = devices.filter(({ id }) => !stoodUpon.has(id))
  const roots = [...tops.filter(({ kind }) => kind !== 'disk'), ...tops.filter(({ kind }) => kind === 'disk')]
  const root = hierarchy<Node>({ device: undefined, children: roots.map(nodeOf) }, (node) => node.children)

  const boxes: StackBox[] = []
  const boxOf = new Map<string, StackBox>()
  let y = MARGIN
  let depthBefore = 0
  root.eachBefore((node: HierarchyNode<Node>) => {
    const { device } = node.data
    if (!device) return
    const indent = device.kind === 'disk' && node.depth > 1 ? INDENT : 0
    if (boxes.length > 0) y += node.depth !== depthBefore ? LEVEL_GAP : GAP
    depthBefore = node.depth
    const box = {
      id: device.id,
      kind: device.kind,
      x: MARGIN + indent,
      y,
      width: width - 2 * MARGIN - indent,
      height: BOX,
    }
    boxes.push(box)
    boxOf.set(device.id, box)
    y += BOX
  })
  const links = devices.flatMap((device) =>
    device.below.flatMap((id, index) => {
      const from = boxOf.get(device.id)
      const to = boxOf.get(id)
      if (!from || !to) return []
      return [{ id: `${device.id} ${id}`, from: device.id, to: id, path: linkPath(from, to, index) }]
    }),
  )
  return { boxes, links, height: y + MARGIN }
}

const down = linkVertical<{ source: [number, number]; target: [number, number] }, [number, number]>()

/** Straight down to what stands below; around the left side to what is indented. */
function linkPath(from: StackBox, to: StackBox, index: number): string {
  if (to.x === from.x) {
    const middle = from.x + from.width / 2
    return down({ source: [middle, from.y + from.height], target: [middle, to.y] }) ?? ''
  }
  const lane = from.x + 3 + (index % 4) * 5
  const startX = from.x + 18 + index * 9
  const bottom = from.y + from.height
  const bend = bottom + LEVEL_GAP / 2
  const endY = to.y + to.height / 2
  const radius = 9
  return (
    `M${startX} ${bottom}C${startX} ${bend},${lane} ${bottom + 2},${lane} ${bend + radius}` +
    `V${endY - radius}Q${lane} ${endY},${lane + radius} ${endY}H${to.x}`
  )
}
