/** `dmsetup ls --tree`. @source _display_tree, dmsetup.c, 1.02.185 */
import { fail, ok, type Result } from '../base/errno.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import type { DeviceMapper } from '../dm/device_mapper.ts'
import { MappedDevice } from '../dm/mapped_device.ts'
import { unmangleName } from './dmsetup_names.ts'
import { shownName } from './dmsetup_show.ts'
import { kernelName } from './namespace.ts'

const ASCII = { empty: '  ', branch: '|-', vertical: '| ', last: '`-', single: '---', first: '-+-' } as const
const UTF = { empty: '  ', branch: '├─', vertical: '│ ', last: '└─', single: '───', first: '─┬─' } as const

/** Columns of a terminal that is none. */
const TERMINAL_WIDTH = 80

const TREE_OPTIONS = [
  'active',
  'ascii',
  'blkdevname',
  'compact',
  'device',
  'inverted',
  'nodevice',
  'notrunc',
  'open',
  'rw',
  'utf',
  'uuid',
]

/** A device and what hangs on it. */
interface Node {
  readonly device: BlockDevice
  readonly below: Node[]
  readonly above: Node[]
}

/** Who depends on whom, among the mapped devices and what they use. */
export class DmTree {
  private readonly nodes: Map<BlockDevice, Node>
  /** Nodes without anything below. */
  private readonly bottom: Node[]

  constructor(dm: DeviceMapper) {
    this.nodes = new Map()
    this.bottom = []
    for (const device of dm.all()) this.add(device)
  }

  /** Nodes on which nothing is built; bottom up, those which are built on nothing. */
  roots(inverted: boolean): readonly Node[] {
    if (inverted) return this.bottom
    return [...this.nodes.values()].filter((node) => node.device instanceof MappedDevice && node.above.length === 0)
  }

  find(device: MappedDevice): Node | undefined {
    return this.nodes.get(device)
  }

  private add(device: BlockDevice): Node {
    const known = this.nodes.get(device)
    if (known !== undefined) return known
    const node: Node = { device, below: [], above: [] }
    this.nodes.set(device, node)
    const table = device instanceof MappedDevice ? device.active : null
    for (const each of [...(table?.devices.keys() ?? [])].reverse()) {
      const below = this.add(each)
      node.below.push(below)
      below.above.push(node)
    }
    if (node.below.length === 0) this.bottom.push(node)
    return node
  }
}

/** @param options as after -o, separated by commas. @errors EINVAL */
export function treeText(dm: DeviceMapper, options: string): Result<string> {
  const chosen = options === '' ? [] : options.split(',')
  const unknown = chosen.find((option) => !TREE_OPTIONS.includes(option))
  if (unknown !== undefined) {
    return fail('EINVAL', `a tree knows the options ${TREE_OPTIONS.join(', ')}, not ${unknown}`)
  }
  return ok(new TreeText(new DmTree(dm), chosen).text())
}

class TreeText {
  private readonly tree: DmTree
  private readonly options: ReadonlySet<string>
  private readonly symbols: typeof ASCII | typeof UTF
  private readonly compact: boolean
  private readonly showNumbers: boolean
  /** Per depth: how wide the node of the line is, and whether more come after it. */
  private readonly width: number[]
  private readonly more: boolean[]
  private line: string
  private lines: string

  constructor(tree: DmTree, options: readonly string[]) {
    this.tree = tree
    this.options = new Set(options)
    this.symbols = options.lastIndexOf('utf') > options.lastIndexOf('ascii') ? UTF : ASCII
    this.showNumbers = options.lastIndexOf('nodevice') <= options.lastIndexOf('device')
    this.compact =
      this.options.has('compact') && !['active', 'rw', 'open', 'uuid'].some((name) => this.options.has(name))
    this.width = []
    this.more = []
    this.line = ''
    this.lines = ''
  }

  text(): string {
    this.walk(this.tree.roots(this.options.has('inverted')), 0)
    return this.lines
  }

  private children(node: Node): readonly Node[] {
    return this.options.has('inverted') ? node.above : node.below
  }

  private walk(nodes: readonly Node[], depth: number): void {
    for (const [i, node] of nodes.entries()) {
      this.show(node, depth, i === nodes.length - 1)
      this.walk(this.children(node), depth + 1)
    }
  }

  private show(node: Node, depth: number, isLast: boolean): void {
    const isMapped = node.device instanceof MappedDevice
    if (!isMapped && !this.showNumbers && !this.options.has('blkdevname')) return
    const { symbols, compact } = this
    this.more[depth] = !isLast
    this.width[depth] = 0
    const begins = this.line === ''
    if (!compact || begins) this.line += this.prefix(depth)
    const from = this.line.length
    if (compact && !begins) this.line += isLast ? symbols.single : symbols.first
    this.line += this.label(node.device)
    if (compact) this.width[depth] = this.line.length - from
    if (!compact || this.children(node).length === 0) this.newLine()
  }

  private prefix(depth: number): string {
    const { symbols } = this
    let text = ''
    for (let d = 0; d < depth; d++) {
      text += ' '.repeat(this.width[d] + 1)
      if (d === depth - 1) text += this.more[depth] ? symbols.branch : symbols.last
      else text += this.more[d + 1] ? symbols.vertical : symbols.empty
    }
    return text
  }

  private label(device: BlockDevice): string {
    const isMapped = device instanceof MappedDevice
    const parts = isMapped ? [shownName(device)] : ['']
    if (this.options.has('blkdevname')) parts.push(`<${kernelName(device)}>`)
    if (this.showNumbers) parts.push(`(${deviceId(device)})`)
    const text = isMapped ? parts.join(' ') : ` ${parts.slice(1).join(' ')}`
    return isMapped ? text + this.attributes(device) : text
  }

  private attributes(device: MappedDevice): string {
    const words: string[] = []
    if (this.options.has('active')) words.push(device.suspended ? 'SUSPENDED' : 'ACTIVE')
    if (this.options.has('rw')) words.push(device.readOnly ? 'RO' : 'RW')
    if (this.options.has('open')) words.push(String(device.openers))
    if (this.options.has('uuid')) words.push(unmangleName(device.uuid))
    return words.length === 0 ? '' : ` [${words.join(', ')}]`
  }

  private newLine(): void {
    const { line } = this
    const cut = line.length > TERMINAL_WIDTH && !this.options.has('notrunc')
    this.lines += (cut ? `${line.slice(0, TERMINAL_WIDTH - 1)}...` : line) + '\n'
    this.line = ''
  }
}
