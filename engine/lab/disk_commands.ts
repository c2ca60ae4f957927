/** `disk`: the places for disks, and what is in them. */
import type { Result } from '../base/errno.ts'
import { SD_MAJOR, SD_MINORS } from '../block/disk.ts'
import { DISK_MODELS, type DiskModelName } from '../block/disk_model.ts'
import { InstantCommand, type CommandSpec } from '../shell/command.ts'
import { parseArguments, parseChoice } from './options.ts'
import { formatSize, parseSectorSize } from './units.ts'

const USAGE = 'create NAME SIZE [--model ideal|ssd|hdd] | list | pull NAME | insert NAME [--blank|--old]'

/** Beyond this a medium's page table alone would be unwieldy. */
export const DISK_BYTES_MAX = 2 ** 40

const MODEL_NAMES = Object.keys(DISK_MODELS) as DiskModelName[]

/** Names below /dev that are somebody else's. */
const TAKEN_NAMES = /^(md\d*|dm-\d+|mapper|zero|null|random|urandom|full|tty|console)$/

/** Whether a disk may be called so. */
export function isDiskName(name: string): boolean {
  return /^[a-z][a-z0-9_-]{0,30}$/i.test(name) && !TAKEN_NAMES.test(name)
}

/** A disk that is to be made. */
export interface NewDisk {
  readonly name: string
  readonly sizeBytes: number
  readonly model: DiskModelName
}

export class DiskCommand extends InstantCommand {
  override execute(): void {
    switch (this.argv[1]) {
      case 'create':
        return this.create()
      case 'list':
        return this.list()
      case 'pull':
        return this.pull()
      case 'insert':
        return this.insert()
      default:
        this.refuse(`usage: disk ${USAGE}`)
    }
  }

  private create(): void {
    const parsed = parseArguments(this.argv, this.createOptions())
    if (!parsed.ok) return void this.refuse(parsed.message)
    const { words, options } = parsed.value
    if (words.length !== 3) return void this.refuse('usage: disk create NAME SIZE [--model ideal|ssd|hdd]')
    const [, name, sizeText] = words
    if (!isDiskName(name)) {
      return void this.refuse(`'${name}' is no name for a disk: letters and digits, such as sda or d0`)
    }
    const size = parseSectorSize(sizeText)
    if (!size.ok) return void this.refuse(size.message)
    if (size.value > DISK_BYTES_MAX) return void this.refuse(`a disk has at most ${formatSize(DISK_BYTES_MAX)}`)
    const model = parseChoice(options.get('model') ?? 'ideal', 'model', MODEL_NAMES)
    if (!model.ok) return void this.refuse(model.message)
    this.make({ name, sizeBytes: size.value, model: model.value }, options)
  }

  /** Options of `create`; true for those that take a value. */
  protected createOptions(): Readonly<Record<string, boolean>> {
    return { model: true }
  }

  protected make({ name, sizeBytes, model }: NewDisk, _options: ReadonlyMap<string, string>): void {
    this.report(this.world.lab.createDisk(name, sizeBytes, model))
  }

  private list(): void {
    if (this.argv.length > 2) return void this.refuse('usage: disk list')
    this.world.lab.disks().forEach(({ name, sizeBytes, model, pulled }, index) => {
      const number = `${SD_MAJOR}:${index * SD_MINORS}`
      this.print(`${name} ${number} ${formatSize(sizeBytes)} ${model} ${pulled ? 'pulled' : 'in place'}`)
    })
  }

  private pull(): void {
    const name = this.argv[2]
    if (name === undefined || this.argv.length > 3) return void this.refuse('usage: disk pull NAME')
    this.report(this.world.lab.pullDisk(name))
  }

  private insert(): void {
    const parsed = parseArguments(this.argv, { blank: false, old: false })
    if (!parsed.ok) return void this.refuse(parsed.message)
    const { words, options } = parsed.value
    if (words.length !== 2 || options.size > 1) return void this.refuse('usage: disk insert NAME [--blank|--old]')
    this.report(this.world.lab.insertDisk(words[1], options.has('blank')))
  }

  protected report(result: Result<unknown>): void {
    if (!result.ok) this.refuse(result.message)
  }
}

/** What a machine needs that nobody has typed at; `disk_pattern.ts` has the whole of it. */
export const DISK: CommandSpec = {
  name: 'disk',
  family: 'lab',
  usage: USAGE,
  summary: 'Makes a blank disk, lists the disks, pulls one out, puts the old one or a blank one back.',
  interjects: () => true,
  begin: (world, invocation) => new DiskCommand(world, invocation),
}
