/** `veritysetup open`, `close` and `status`. @source VERITY_activate, lib/verity/verity.c; action_status, src/veritysetup.c, cryptsetup 2.6.1 */
import { digestHex, type HashTree } from '../checksum/hash_tree.ts'
import { TreeTarget } from '../checksum/tree_target.ts'
import { featureWords } from '../checksum/verity_table.ts'
import type { BlockDevice } from '../block/device.ts'
import { LoadOperation } from '../dm/load.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import type { TableLine } from '../dm/table.ts'
import { DONE } from '../sim/procedure.ts'
import { isBusy } from './mdadm_array.ts'
import { findDevice } from './namespace.ts'
import type { VeritysetupRun } from './veritysetup.ts'
import { BUSY, NO_DEVICE } from './veritysetup_options.ts'
import { statusText } from './veritysetup_text.ts'

/** What the uuid of a mapped device begins with that was made here. */
const UUID_PREFIX = 'CRYPT-VERITY-'

/** Options of `open` that become words of the table, in the order in which the tool writes them. */
const FEATURES: Readonly<Record<string, string>> = {
  'ignore-corruption': 'ignore_corruption',
  'restart-on-corruption': 'restart_on_corruption',
  'panic-on-corruption': 'panic_on_corruption',
  'ignore-zero-blocks': 'ignore_zero_blocks',
  'check-at-most-once': 'check_at_most_once',
  'use-tasklets': 'try_verify_in_tasklet',
}

export function openDevice(run: VeritysetupRun, dataPath: string): string {
  const { description, world } = run
  const { dm } = world.kernel
  const name = run.request.words[1]
  if (description === null) return 'close files'
  if (dm.find(name) !== undefined) return run.fails(`Device ${name} already exists.`, BUSY)
  const data = findDevice(world.kernel, dataPath)
  const hashes = findDevice(world.kernel, run.hashPath)
  if (data === undefined || hashes === undefined) {
    return run.fails(`${data === undefined ? dataPath : run.hashPath} is no device; open wants devices, and no files.`)
  }
  const { dataBlocks, dataBlockBytes } = description.tree.parameters
  const sectors = (dataBlocks * dataBlockBytes) / 512
  if (sectors > data.sectors) return run.fails(`Device ${dataPath} is too small: it must have ${sectors} sectors.`)
  if (isBusy(data)) {
    return run.fails(`Cannot use device ${dataPath} which is in use (already mapped or mounted).`, BUSY)
  }
  const uuid = description.uuid.replaceAll('-', '')
  const created = dm.create(name, UUID_PREFIX + (uuid === '' ? '' : `${uuid}-`) + name)
  if (!created.ok) return run.fails(created.message)
  run.device = created.value
  run.work = new LoadOperation(run.device, [tableLine(run, description.tree, data, hashes, sectors)], true)
  run.call(run.work)
  return 'loaded'
}

function tableLine(
  run: VeritysetupRun,
  tree: HashTree,
  data: BlockDevice,
  hashes: BlockDevice,
  sectors: number,
): TableLine {
  const { hashType, dataBlockBytes, hashBlockBytes, dataBlocks, start, algorithm, salt } = tree.parameters
  const words: (string | number)[] = [hashType, `/dev/${data.name}`, `/dev/${hashes.name}`]
  words.push(dataBlockBytes, hashBlockBytes, dataBlocks, start, algorithm, digestHex(run.root))
  words.push(salt.length === 0 ? '-' : digestHex(salt))
  const features = Object.keys(FEATURES).filter((option) => run.has(option))
  if (features.length > 0) words.push(features.length, ...features.map((option) => FEATURES[option]))
  return { begin: 0, sectors, type: 'verity', args: words.join(' ') }
}

export function openLoaded(run: VeritysetupRun): string {
  const { device, work } = run
  if (device === null || work === null) return 'close files'
  if (work.failure !== null) return giveUp(run, device, work.failure.message)
  run.work = new ResumeOperation(device)
  run.call(run.work)
  return 'resumed'
}

export function openResumed(run: VeritysetupRun): string {
  const { device, work } = run
  if (device === null || work === null) return 'close files'
  if (work.failure !== null) return giveUp(run, device, work.failure.message)
  if (treeOf(device)?.isCorrupted === true) {
    run.stderr += 'Verity device detected corruption after activation.\n'
  }
  return run.succeeds()
}

function giveUp(run: VeritysetupRun, device: MappedDevice, message: string): string {
  run.call(new RemoveOperation(device, false))
  return run.fails(message)
}

/** The verity target of a device that this tool opened, or could have. */
function treeOf(device: MappedDevice | undefined): TreeTarget | null {
  const [target] = device?.active?.targets ?? []
  return target instanceof TreeTarget ? target : null
}

/** A device by its name, or by its path. */
function namedDevice(run: VeritysetupRun, word: string): MappedDevice | undefined {
  return run.world.kernel.dm.find(word.replace(/^\/dev\/mapper\//, ''))
}

export function closeDevice(run: VeritysetupRun): string {
  const [name] = run.request.words
  const device = namedDevice(run, name)
  if (device === undefined) return run.fails(`Device ${name} is not active.`, NO_DEVICE)
  if (!device.uuid.startsWith(UUID_PREFIX)) return run.fails(`Device ${name} was not opened by veritysetup.`)
  if (run.has('cancel-deferred')) {
    device.deferredRemove = false
    return run.succeeds()
  }
  if (device.openers > 0 && !run.has('deferred')) return run.fails(`Device ${name} is still in use.`, BUSY)
  run.device = device
  run.work = new RemoveOperation(device, run.has('deferred'))
  run.call(run.work)
  return 'closed'
}

export function closed(run: VeritysetupRun): string {
  const { work, device } = run
  if (work !== null && work.failure !== null) return run.fails(work.failure.message)
  if (device !== null && device.deferredRemove && device.state !== 'removed') {
    run.print(`Device ${run.request.words[0]} is still active and scheduled for deferred removal.`)
  }
  return run.succeeds()
}

export function showStatus(run: VeritysetupRun): string {
  const [word] = run.request.words
  const device = namedDevice(run, word)
  const path = word.includes('/') ? word : `/dev/mapper/${word}`
  if (device === undefined) {
    run.print(`${path} is inactive.`)
    return run.fails('', NO_DEVICE)
  }
  const target = treeOf(device)
  if (target === null) return run.fails(`${path} is active, but it is no verity device.`)
  const { line, root, isCorrupted } = target
  run.stdout += statusText(path, device, {
    tree: target.tree,
    root: root ?? new Uint8Array(0),
    dataPath: `/dev/${line.data.name}`,
    hashPath: `/dev/${line.hashes.name}`,
    isCorrupted,
    features: featureWords(line),
  })
  return DONE
}
