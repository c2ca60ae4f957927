/** Names of mapped devices, as libdevmapper hands them to the kernel and shows them. */
import { fail, ok, type Result } from '../base/errno.ts'
import { bytesOfText, textOfBytes } from './text_bytes.ts'

const PLAIN = /[#+\-.:=@_A-Za-z0-9]/

/** Longest name and longest uuid, in bytes. */
const NAME_BYTES = 127
const UUID_BYTES = 128

/** Characters that cannot stand in a name of /dev/mapper become `\xNN`, unless the whole name is written so already. */
export function mangleName(name: string): string {
  if (/\\x[0-9a-fA-F]{2}/.test(name)) return name
  let mangled = ''
  for (const byte of bytesOfText(name)) {
    const character = String.fromCharCode(byte)
    mangled += PLAIN.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return mangled
}

export function unmangleName(name: string): string {
  if (!name.includes('\\x')) return name
  const bytes: number[] = []
  for (let i = 0; i < name.length; i++) {
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(name.slice(i, i + 4))
    bytes.push(hex === null ? name.charCodeAt(i) : parseInt(hex[1], 16))
    if (hex !== null) i += 3
  }
  return textOfBytes(Uint8Array.from(bytes))
}

/** The kernel's name for what somebody typed as the name of a new device. */
export function newName(name: string): Result<string> {
  if (name === '') return fail('EINVAL', 'a device wants a name that is not empty')
  if (name.includes('/')) return fail('EINVAL', `a name must not contain /, as ${name} does`)
  const mangled = mangleName(name)
  if (mangled.length > NAME_BYTES) return fail('EINVAL', `a name may be ${NAME_BYTES} bytes long`)
  return ok(mangled)
}

export function newUuid(uuid: string): Result<string> {
  const mangled = mangleName(uuid)
  if (mangled.length > UUID_BYTES) return fail('EINVAL', `a uuid may be ${UUID_BYTES} bytes long`)
  return ok(mangled)
}
