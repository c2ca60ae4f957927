import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import wabt from 'wabt'

/** `npx vitest run workers/wasm -u` writes the bytes anew after a change of the text. */
test.each(['parity', 'syndromes'])('the bytes of %s are what its text compiles to', async (name) => {
  const { parseWat } = await wabt()
  const text = readFileSync(join(import.meta.dirname, `${name}.wat`), 'utf8')
  const module = parseWat(`${name}.wat`, text, { simd: true })
  module.resolveNames()
  module.validate()
  const bytes = Buffer.from(module.toBinary({}).buffer).toString('base64')
  module.destroy()
  const file = `/** ${name}.wat, compiled; a test compares them. */\nexport const ${name.toUpperCase()}_BASE64 =\n  '${bytes}'\n`
  await expect(file).toMatchFileSnapshot(`./${name}_bytes.ts`)
})
