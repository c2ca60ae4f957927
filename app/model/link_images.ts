/** The images that a link asks for: files that somebody drops or chooses are told apart by their size and their hash alone. */
import { createStore } from 'zustand/vanilla'
import type { GivenImage, NeededImage } from '../../workers/browser/engine_api.ts'
import { giveImages } from './connection.ts'
import { linkStore } from './link_store.ts'

export interface LinkImagesState {
  /** What was found to be right, by the disk's name. */
  readonly given: Readonly<Record<string, GivenImage>>
  /** What was not, and why. */
  readonly refusals: readonly string[]
  readonly isReading: boolean
}

const EMPTY: LinkImagesState = { given: {}, refusals: [], isReading: false }

/** What has been given so far for the link that asks. */
export const linkImagesStore = createStore<LinkImagesState>()(() => EMPTY)

/** An archive is at most so much larger than what is in it, in bytes. */
const ARCHIVE_EXTRA = 1 << 20
const ZIP_MARK = [0x50, 0x4b, 3, 4]
const HASHED_AT_ONCE = 1 << 20

/** The images of the link that asks now; none where none does. */
function needed(): readonly NeededImage[] {
  const { link } = linkStore.getState()
  return link.kind === 'images' ? link.images : []
}

export function forgetImages(): void {
  linkImagesStore.setState(EMPTY)
}

/** Reads files, keeps what is asked for, and opens the link once all is there. */
export async function takeImages(files: readonly File[]): Promise<void> {
  if (linkImagesStore.getState().isReading) return
  linkImagesStore.setState({ isReading: true, refusals: [] })
  for (const file of files) {
    try {
      await takeFile(file)
    } catch {
      refuse(`${file.name} could not be read.`)
    }
  }
  linkImagesStore.setState({ isReading: false })
  const { given } = linkImagesStore.getState()
  const all = needed()
  if (all.length === 0 || !all.every(({ name }) => Object.hasOwn(given, name))) return
  // The worker gets copies: the link may turn out to need them again.
  await giveImages(all.map(({ name }) => given[name]))
}

async function takeFile(file: File): Promise<void> {
  const total = needed().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const isSize = needed().some(({ sizeBytes }) => sizeBytes === file.size)
  const head = new Uint8Array(await file.slice(0, ZIP_MARK.length).arrayBuffer())
  const isArchive = ZIP_MARK.every((byte, i) => head[i] === byte)
  if (isArchive && !isSize && file.size <= total + ARCHIVE_EXTRA) {
    await takeArchive(file)
  } else if (isSize) await takeBytes(file.name, new Uint8Array(await file.arrayBuffer()))
  else refuse(`${file.name} has ${file.size} bytes: no image of that size is asked for.`)
}

/** As the page's own export makes them. */
async function takeArchive(file: File): Promise<void> {
  const { unzipSync } = await import('fflate')
  const sizes = needed().map(({ sizeBytes }) => sizeBytes)
  let left = needed().length * 4
  const files = unzipSync(new Uint8Array(await file.arrayBuffer()), {
    filter: ({ originalSize }) => sizes.includes(originalSize) && left-- > 0,
  })
  const found = Object.entries(files)
  if (found.length === 0) refuse(`In ${file.name} there is no file of a size that is asked for.`)
  for (const [name, bytes] of found) await takeBytes(`${file.name}: ${name}`, bytes)
}

async function takeBytes(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const sha256 = await hashOf(bytes)
  const fitting = needed().filter((image) => image.sha256 === sha256 && image.sizeBytes === bytes.length)
  if (fitting.length === 0) {
    refuse(`${name} has the right size, and other bytes: its hash begins with ${sha256.slice(0, 12)}.`)
  }
  // Two disks may have begun alike.
  for (const image of fitting) {
    linkImagesStore.setState(({ given }) => ({ given: { ...given, [image.name]: { name: image.name, bytes } } }))
  }
}

function refuse(sentence: string): void {
  linkImagesStore.setState(({ refusals }) => ({ refusals: [...refusals, sentence] }))
}

/** SHA-256, in hexadecimal digits. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = isSecureContext
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    : await hashSlowly(bytes)
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A page that came over plain http gets no hashes from the browser. */
async function hashSlowly(bytes: Uint8Array): Promise<Uint8Array> {
  const { sha256 } = await import('@noble/hashes/sha2.js')
  const hash = sha256.create()
  for (let at = 0; at < bytes.length; at += HASHED_AT_ONCE) {
    hash.update(bytes.subarray(at, at + HASHED_AT_ONCE))
    await new Promise((resolve) => setTimeout(resolve))
  }
  return hash.digest()
}
