/**
 * Which addresses may become a script or a worker: this page's own, and nothing that came with a link or a file. Browsers that
 * know trusted types ask here, and refuse every other way to make code of text.
 */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string | null }): unknown
}

export function trustOwnAddresses(): void {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  trustedTypes?.createPolicy('default', {
    createScriptURL: (address) => (new URL(address, location.href).origin === location.origin ? address : null),
  })
}
