import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import wabt from 'wabt'

/** `npx vitest run workers/wasm -u` writes the bytes anew after a change of the text. */
test('the bytes are what the text compiles to', async () => {
  const { parseWat } = await wabt()
  const text = readFileSync(join(import.meta.dirname, 'parity.wat'), 'utf8')
  const module = parseWat('parity.wat', text, { simd: true })
  module.resolveNames()
  module.validate()
  const bytes = Buffer.from(module.toBinary({}).buffer).toString('base64')
  module.destroy()
  const file = `/** parity.wat, compiled; a test compares them. */\nexport const PARITY_BASE64 =\n  '${bytes}'\n`
  await expect(file).toMatchFileSnapshot('./parity_bytes.ts')
})
