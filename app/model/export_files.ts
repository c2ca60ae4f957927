/** Takes things out of the page, as files: disks, the recording, the trace, the picture of the stage. Nothing leaves the browser. */
import { chromeTraceText } from '../../engine/api/trace_export.ts'
import { consoleStore } from './console_store.ts'
import { presentMoment } from './copy_link.ts'
import { enginePort, picture } from './engine.ts'
import { exportStem, safeName, traceNames } from './export_name.ts'
import { pngOf, stagePicture } from './export_stage.ts'

/** More than this is given disk by disk, and not in one archive. */
const ARCHIVE_MAX = 512 << 20
/** How long a file's address is kept for the browser to fetch it, in milliseconds. */
const KEPT = 60_000

function save(content: BlobPart, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = safeName(name)
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT)
}

/** What goes wrong is said in the console: there is no other place for it. */
function attempt(what: string, act: () => Promise<void>): void {
  act().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    consoleStore.getState().print('error', `${what} could not be exported: ${reason}`)
  })
}

const stem = (): string => exportStem(picture().frame)

async function readDisk(disk: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await enginePort()?.exportDisk(disk)
  if (!bytes) throw new Error(`there is no disk ${disk}`)
  return bytes as Uint8Array<ArrayBuffer>
}

/** What is on the medium of a disk; what is only in its cache is not. */
export function exportDisk(disk: string): void {
  attempt(disk, async () => save(await readDisk(disk), 'application/octet-stream', `${stem()}-${disk}.img`))
}

/** All disks and the recording in one archive; large ones one by one. */
export function exportDisks(): void {
  attempt('The disks', async () => {
    const disks = picture().frame?.disks ?? []
    const total = disks.reduce((sum, { sectors }) => sum + sectors * 512, 0)
    if (total > ARCHIVE_MAX) {
      for (const { name } of disks) save(await readDisk(name), 'application/octet-stream', `${stem()}-${name}.img`)
      return
    }
    const files: Record<string, Uint8Array> = {}
    for (const { name } of disks) files[`${safeName(name)}.img`] = await readDisk(name)
    files['recording.lab'] = new TextEncoder().encode(await readRecording())
    await saveArchive(files, `${stem()}-disks.zip`)
  })
}

export async function saveArchive(files: Record<string, Uint8Array>, name: string): Promise<void> {
  const { zipSync } = await import('fflate')
  save(zipSync(files, { level: 1 }) as Uint8Array<ArrayBuffer>, 'application/zip', name)
}

/** The disks that the recording began on and that were not blank: what a link to a moment of it asks for. */
export function exportBeginning(): void {
  attempt('What the disks held at the beginning', async () => {
    const { images } = await presentMoment()
    if (images.length === 0)
      throw new Error('this recording began without disks, or on blank ones: its link asks for none')
    const files: Record<string, Uint8Array> = {}
    for (const name of images) {
      const bytes = await enginePort()?.exportBeginning(name)
      if (!bytes) throw new Error(`the beginning is not kept any more for ${name}`)
      files[`${safeName(name)}.img`] = bytes
    }
    await saveArchive(files, `blockscope-seed${picture().frame?.seed ?? 0}-beginning.zip`)
  })
}

async function readRecording(): Promise<string> {
  const text = await enginePort()?.exportRecording()
  if (text === undefined) throw new Error('there is no machine')
  return text
}

/** The recording: every line with its instant. */
export function exportRecording(): void {
  attempt('The recording', async () => save(await readRecording(), 'text/plain', `${stem()}.lab`))
}

/** The newest part of the trace, for Perfetto. */
export function exportTrace(): void {
  attempt('The trace', async () => {
    const { frame, trace } = picture()
    if (!frame) throw new Error('there is no machine')
    const source = { rows: trace.rows(), commands: trace.commands(), names: traceNames(frame), seed: frame.seed }
    save(chromeTraceText(source), 'application/json', `${stem()}-trace.json`)
    return Promise.resolve()
  })
}

export function exportSvg(): void {
  attempt('The stage', async () => {
    save(stagePicture().text, 'image/svg+xml', `${stem()}-stage.svg`)
    return Promise.resolve()
  })
}

/** The last steps of the stage, one after the other. */
export function exportGif(): void {
  attempt('The steps', async () => {
    consoleStore.getState().print('note', 'The last steps are gone through and drawn …')
    const { gifOfSteps } = await import('./export_gif.ts')
    save(await gifOfSteps(), 'image/gif', `${stem()}-steps.gif`)
  })
}

export function exportPng(): void {
  attempt('The stage', async () => save(await pngOf(stagePicture()), 'image/png', `${stem()}-stage.png`))
}
