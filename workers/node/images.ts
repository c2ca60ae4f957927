/** A folder of disk images: every `NAME.img` in it is a disk. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'
import type { Host } from '../../engine/lab/machine.ts'
import { NodeBacking } from './node_backing.ts'

const IMAGE_NAME = /^([A-Za-z0-9][A-Za-z0-9_.-]*)\.img$/

/** The boot script lies beside the images it brings up. */
const BOOT_SCRIPT = 'boot.lab'

export class ImageFolder implements Host {
  readonly [SHARED] = true
  readonly #folder: string
  readonly #open: NodeBacking[] = []

  /** @throws what the file system says when the folder can be neither read nor made. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
  }

  /** Opens the images that exist, in the order of their names. */
  attach(take: (name: string, backing: Backing) => void): void {
    const names = readdirSync(this.#folder).flatMap((file) => IMAGE_NAME.exec(file)?.[1] ?? [])
    for (const name of names.sort()) take(name, this.#keep(NodeBacking.open(join(this.#folder, `${name}.img`))))
  }

  /** A new file even where one exists: whoever still has the old one open keeps its bytes. */
  createBacking(name: string, sizeBytes: number): Backing {
    const path = join(this.#folder, `${name}.img`)
    rmSync(path, { force: true })
    return this.#keep(NodeBacking.create(path, sizeBytes))
  }

  readBootScript(): string {
    const path = join(this.#folder, BOOT_SCRIPT)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  writeBootScript(text: string): void {
    const path = join(this.#folder, BOOT_SCRIPT)
    if (text === '') rmSync(path, { force: true })
    else writeFileSync(path, text)
  }

  close(): void {
    for (const backing of this.#open.splice(0)) backing.close()
  }

  #keep(backing: NodeBacking): NodeBacking {
    this.#open.push(backing)
    return backing
  }
}
