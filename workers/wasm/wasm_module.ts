/** WebAssembly modules that come as base64 in the source, so that an engine is one script wherever it runs. */

/** @errors WebAssembly.CompileError where the host knows no SIMD */
export function compile(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(decode(base64))
}

/** Whether the host can run a module. */
export function isKnown(base64: string): boolean {
  return WebAssembly.validate(decode(base64))
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
