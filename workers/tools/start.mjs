// npm start: installs, builds, serves, prints the address. The environment's PORT chooses another port than 4173;
// `npm start -- --host` serves the network too, not only this machine.
import { ensureBuilt } from './built.mjs'
import { ensureInstalled } from './install.mjs'
import { root } from './process.mjs'

await ensureInstalled()
console.log('Building the page …')
try {
  await ensureBuilt()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
const { preview } = await import('vite')
const server = await preview({ root, preview: { host: process.argv.includes('--host') ? true : 'localhost' } })
const addresses = [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])]
console.log(`Blockscope is at ${addresses.join(' and ')} (stop with Ctrl+C)`)
