const PREFIXES = 'KMGTPEZY'

/**
 * A number of bytes as util-linux and diffutils read them.
 * @returns the bytes, or null: digits (or 0x and hexadecimal ones), then K, KiB for 1024, KB for 1000 and so on.
 */
export function parseByteCount(text: string): number | null {
  const match = /^(0[xX][0-9a-fA-F]+|\d+)(?:([kKMGTPEZY])(iB|B)?)?$/.exec(text)
  if (match === null) return null
  const [, digits, prefix, kind] = match
  const octal = /^0[0-7]+$/.test(digits)
  let value = octal ? Number.parseInt(digits, 8) : Number(digits)
  if (prefix !== undefined) value *= (kind === 'B' ? 1000 : 1024) ** (PREFIXES.indexOf(prefix.toUpperCase()) + 1)
  return Number.isSafeInteger(value) ? value : null
}

/** What a refusal says would be right. */
export const BYTE_COUNT_HINT = 'bytes are wanted, or 64K, 2M, 1G'
