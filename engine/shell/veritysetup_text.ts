/** What `veritysetup` prints of a device. @source VERITY_dump, lib/setup.c; action_status, src/veritysetup.c, cryptsetup 2.6.1 */
import { digestHex, type HashTree } from '../checksum/hash_tree.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'

/** What is known of a hash device, from its superblock or from the options. */
export interface VerityDescription {
  /** '' where there is no superblock. */
  readonly uuid: string
  /** As it was spelled. */
  readonly algorithm: string
  readonly tree: HashTree
}

export function uuidText(bytes: Uint8Array): string {
  const hex = digestHex(bytes)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** @returns the 16 bytes, or null for what is no UUID */
export function parseUuidText(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text)) return null
  const hex = text.replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

/**
 * @param root null where it is not known: no superblock says it
 * @param ownDevice the hash area has a device to itself, whose least size is told
 */
export function dumpText(
  path: string,
  { uuid, algorithm, tree }: VerityDescription,
  root: Uint8Array | null,
  ownDevice: boolean,
): string {
  const { hashType, dataBlocks, dataBlockBytes, hashBlockBytes, salt } = tree.parameters
  const lines = [
    `VERITY header information for ${path}`,
    `UUID:            \t${uuid}`,
    `Hash type:       \t${hashType}`,
    `Data blocks:     \t${dataBlocks}`,
    `Data block size: \t${dataBlockBytes}`,
    `Hash blocks:     \t${tree.levelBlocks.reduce((sum, count) => sum + count, 0)}`,
    `Hash block size: \t${hashBlockBytes}`,
    `Hash algorithm:  \t${algorithm}`,
    `Salt:            \t${salt.length === 0 ? '-' : digestHex(salt)}`,
  ]
  if (root !== null) lines.push(`Root hash:      \t${digestHex(root)}`)
  if (ownDevice) lines.push(`Hash device size: \t${tree.end * hashBlockBytes} [bytes]`)
  return lines.join('\n') + '\n'
}

/** What `status` needs of a verity target. */
export interface VerityState {
  readonly tree: HashTree
  readonly root: Uint8Array
  readonly dataPath: string
  readonly hashPath: string
  readonly isCorrupted: boolean
  /** Words of its table behind the salt. */
  readonly features: readonly string[]
}

export function statusText(path: string, device: MappedDevice, state: VerityState): string {
  const { hashType, dataBlockBytes, hashBlockBytes, algorithm, salt, start } = state.tree.parameters
  const lines = [
    `${path} is active${device.openers > 0 ? ' and is in use' : ''}.`,
    `  type:        VERITY`,
    `  status:      ${state.isCorrupted ? 'corrupted' : 'verified'}`,
    `  hash type:   ${hashType}`,
    `  data block:  ${dataBlockBytes}`,
    `  hash block:  ${hashBlockBytes}`,
    `  hash name:   ${algorithm}`,
    `  salt:        ${salt.length === 0 ? '-' : digestHex(salt)}`,
    `  data device: ${state.dataPath}`,
    `  size:        ${device.sectors} sectors`,
    `  mode:        ${device.readOnly ? 'readonly' : 'read/write'}`,
    `  hash device: ${state.hashPath}`,
    `  hash offset: ${(start * hashBlockBytes) / 512} sectors`,
    `  root hash:   ${digestHex(state.root)}`,
  ]
  if (state.features.length > 0) lines.push(`  flags:       ${state.features.map((word) => `${word} `).join('')}`)
  return lines.join('\n') + '\n'
}
