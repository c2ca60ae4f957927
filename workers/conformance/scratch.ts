/** Temporary folders that go with whoever made them, also when the process is interrupted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives the work a fresh folder and removes it afterwards, however the work ends. */
export async function withScratch<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const removeAtExit = (): void => {
    try {
      remove()
    } catch {
      // A guest still writes there: it is stopped by the next listener, which an error would keep from its turn.
    }
  }
  process.once('exit', removeAtExit)
  try {
    return await work(folder)
  } finally {
    process.off('exit', removeAtExit)
    remove()
  }
}
