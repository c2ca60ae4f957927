/** `dmsetup create` and `dmsetup load`: where tables come from, and what becomes of them. */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { LoadOperation } from '../dm/load.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import type { TableLine } from '../dm/table.ts'
import { DONE } from '../sim/procedure.ts'
import type { DmsetupRun } from './dmsetup.ts'
import { newName, newUuid } from './dmsetup_names.ts'
import { infoText } from './dmsetup_show.ts'
import { parseTable } from './dmsetup_table.ts'
import { TextFile, TmpFile } from './memory_files.ts'
import { openFile } from './namespace.ts'
import { textOfBytes } from './text_bytes.ts'

export const CREATE_USAGE = 'create NAME [FILE] [--table TABLE | --notable] [-r] [-u UUID] [-j MAJOR -m MINOR]'
export const LOAD_USAGE = 'load NAME [FILE] [--table TABLE] [-r]'

/** Makes a device, loads its table and resumes it; without a table it is only made. Where that fails, it is gone again. */
export function create(run: DmsetupRun): string {
  const { words, values } = run.options
  if (words.length === 0) return run.wants(CREATE_USAGE)
  const name = newName(words[0])
  if (!name.ok) return run.fails(name)
  const uuid = newUuid(values.get('uuid') ?? '')
  if (!uuid.ok) return run.fails(uuid)
  const lines = run.has('notable') ? ok([]) : readTable(run, words[1])
  if (!lines.ok) return run.fails(lines)
  const minor = values.get('minor')
  const device = run.dm.create(name.value, uuid.value, minor === undefined ? undefined : Number(minor))
  if (!device.ok) return run.fails(device, 'create')
  if (lines.value.length === 0) return DONE
  return run.carryOut(new LoadOperation(device.value, lines.value, run.has('readonly')), 'createLoaded')
}

export function createLoaded(run: DmsetupRun): string {
  const { device, work } = run
  if (device === null || work === null) return DONE
  if (work.failure !== null) return undoCreate(run, device, work.failure)
  return run.carryOut(new ResumeOperation(device), 'createResumed')
}

export function createResumed(run: DmsetupRun): string {
  const { device, work } = run
  if (device === null || work === null) return DONE
  if (work.failure !== null) return undoCreate(run, device, work.failure)
  if (run.has('verbose')) run.stdout += infoText(device, false)
  return DONE
}

function undoCreate(run: DmsetupRun, device: MappedDevice, failure: Failure): string {
  run.call(new RemoveOperation(device, false))
  return run.fails(failure, `create ${device.mapName}`)
}

export function load(run: DmsetupRun): string {
  if (run.has('notable')) return run.refuse('--notable is for create only')
  const words = [...run.options.words]
  const device = run.selected() ?? (words.length === 0 ? undefined : run.find(words.shift() as string))
  if (device === undefined || words.length > 1) return run.wants(LOAD_USAGE)
  const lines = readTable(run, words[0])
  if (!lines.ok) return run.fails(lines)
  if (!device.ok) return run.fails(device)
  return run.carryOut(new LoadOperation(device.value, lines.value, run.has('readonly')), 'loaded')
}

export function loaded(run: DmsetupRun): string {
  const { device, work } = run
  if (device === null || work === null) return DONE
  if (work.failure !== null) return run.fails(work.failure, `load ${device.mapName}`)
  if (run.has('verbose')) run.stdout += infoText(device, run.inactive)
  return DONE
}

/**
 * The table that the command line brings: after --table, in a file, or on standard input.
 * @param file the file's name, or undefined.
 */
function readTable(run: DmsetupRun, file: string | undefined): Result<TableLine[]> {
  const table = run.options.values.get('table')
  if (table !== undefined) return parseTable(table, 'after --table')
  if (file === undefined) return parseTable(run.stdin ?? '', 'on standard input')
  const opened = openFile(run.world.kernel, file, {}, run.cause)
  if (!opened.ok) return fail(opened.errno, `${file} cannot be read`)
  const { value } = opened
  const text = value instanceof TmpFile || value instanceof TextFile ? textOfBytes(value.contents()) : null
  run.call(value.close())
  if (text === null) return fail('EINVAL', `${file} is no file with a table`)
  return parseTable(text, `in ${file}`)
}
