import { readImported, sizeTrouble } from './import_file.ts'
import { importStore } from './import_store.ts'
import { pageStore } from './page_store.ts'

/** Reads a file and shows what it is; nothing of it is used before somebody says so. */
export async function takeFile(file: File): Promise<void> {
  pageStore.getState().openDialog('import')
  const trouble = sizeTrouble(file.size)
  if (trouble !== undefined) {
    importStore.setState({ file: { kind: 'refused', reason: trouble } })
    return
  }
  importStore.setState({ file: undefined, isReading: true })
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    importStore.setState({ file: readImported(file.name, bytes), isReading: false })
  } catch {
    const reason = 'The browser could not read the file.'
    importStore.setState({ file: { kind: 'refused', reason }, isReading: false })
  }
}

/** Asks for a file. */
export function chooseFile(): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) void takeFile(file)
  })
  input.click()
}
