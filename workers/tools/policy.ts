/**
 * What the page may do, as a browser enforces it: run and fetch its own files, and nothing else. It stands in the page itself,
 * so that every server gives it; our own server sends it with every file, too, and thereby to the workers.
 */
import type { Plugin } from 'vite'

const RULES: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  // Parity runs in WebAssembly.
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  // Icons stand in the styles; a picture of the stage is drawn from its own text.
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  // Text becomes code nowhere; addresses do by one rule alone, see `app/own_addresses.ts`.
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default',
}

export const POLICY = Object.entries(RULES)
  .map(([what, from]) => `${what} ${from}`)
  .join('; ')

/** Puts the policy into the built page, before everything that it speaks of. */
export function policy(): Plugin {
  return {
    name: 'blockscope:policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
          injectTo: 'head-prepend',
        },
      ],
    },
  }
}
