import type { Looks } from '../../engine/api/looks.ts'
import { enginePort } from './engine.ts'

/** Asks the machine's worker about one device, as it is at this moment. */
export async function lookAt<What extends keyof Looks>(what: What, name: string): Promise<Looks[What] | null> {
  const answer = await enginePort()?.lookAt(what, name)
  return (answer ?? null) as Looks[What] | null
}
