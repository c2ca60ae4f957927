/** The files of a machine that cannot be opened, as they are: whoever has them has lost nothing. */
import { STORE_DEFAULT } from '../../workers/browser/engine_api.ts'
import { saveArchive } from './export_files.ts'

/** @returns why there is nothing to save, or null */
export async function saveDiskFiles(): Promise<string | null> {
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await (await root.getDirectoryHandle('machines')).getDirectoryHandle(STORE_DEFAULT)
    const files: Record<string, Uint8Array<ArrayBuffer>> = {}
    for await (const handle of folder.values()) {
      if (!(handle instanceof FileSystemFileHandle)) continue
      const file = await handle.getFile()
      if (file.size > 0) files[file.name] = new Uint8Array(await file.arrayBuffer())
    }
    if (Object.keys(files).length === 0) return 'The browser keeps no file of it.'
    await saveArchive(files, 'blockscope-files.zip')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
