/** CRC-32C (Castagnoli), as the kernel counts it: neither the value that goes in nor the one that comes out is inverted. */

const TABLE = makeTable()

function makeTable(): Uint32Array {
  const table = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) !== 0 ? 0x82f63b78 : 0)
    table[byte] = value
  }
  return table
}

/**
 * Goes on with a checksum over more bytes.
 * @param seed the checksum so far; all ones at the beginning
 * @source crc32c, lib/libcrc32c.c, 6.1
 */
export function crc32c(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = seed >>> 0
  for (let i = from; i < to; i++) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]) & 0xff]
  return value >>> 0
}
