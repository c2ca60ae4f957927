/**
 * The text form of a recording: a script whose comments hold the instants, so that it can be read, kept in a link, and run.
 *
 *     seed 7
 *     # epoch 1767225600
 *     # disk sda 4194304 ideal
 *     # pulled sdb
 *     # rule NAME VALUE
 *     # fault latent sda 100 8 0 3 101,102
 *     #| mdadm --assemble /dev/md0 /dev/sda /dev/sdb /dev/sdc
 *     #@ 120 250000 1
 *     power cut
 *
 * A fault has kind, disk, first sector, sectors, amount, id, and the sectors that had healed, if any.
 * `#|` lines are the boot script that was there at the beginning. `#@ EVENTS TIME LINES` stands before a text of so many
 * lines that was typed after so many events, at that time in nanoseconds.
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { isDiskModelName } from '../block/disk_model.ts'
import type { FaultKind } from '../block/fault.ts'
import type { RecordedDisk, RecordedFault, Recording, TimedLine } from './recording.ts'
import { scriptSeed } from './script.ts'

const FAULT_KINDS: readonly string[] = ['rot', 'latent', 'slow', 'hang'] satisfies FaultKind[]

export function exportRecording(recording: Recording): string {
  const { head, lines } = recording
  const seeded = lines.length > 0 && scriptSeed(lines[0].text) === recording.seed
  return [
    ...(seeded ? [] : [`seed ${recording.seed}`]),
    `# epoch ${recording.epochSeconds}`,
    ...recording.disks.map(({ name, sizeBytes, model }) => `# disk ${name} ${sizeBytes} ${model}`),
    ...head.pulled.map((name) => `# pulled ${name}`),
    ...head.rules.map(([name, value]) => `# rule ${name} ${value}`),
    ...head.faults.map(({ id, kind, disk, sector, sectors, amount, healed }) => {
      const wound = `# fault ${kind} ${disk} ${sector} ${sectors} ${amount === Infinity ? 'ever' : amount} ${id}`
      return healed.length > 0 ? `${wound} ${healed.join(',')}` : wound
    }),
    ...(head.bootScript === '' ? [] : head.bootScript.split('\n').map((line) => `#| ${line}`)),
    ...lines.flatMap(({ at, time, text }) => [`#@ ${at} ${time} ${text.split('\n').length}`, text]),
    '',
  ].join('\n')
}

/** @errors EINVAL where the text is none that {@link exportRecording} wrote. */
export function importRecording(text: string): Result<Recording> {
  const all = text.split('\n')
  const bodyAt = all.findIndex((line) => line.startsWith('#@ '))
  const headLines = bodyAt < 0 ? all : all.slice(0, bodyAt)
  const disks: RecordedDisk[] = []
  const faults: RecordedFault[] = []
  const rules: [string, string][] = []
  const pulled: string[] = []
  const boot: string[] = []
  let epochSeconds = NaN
  for (const [i, line] of headLines.entries()) {
    const [mark, kind, ...words] = line.split(' ')
    if (mark === '#|') boot.push(line.slice(3))
    if (mark !== '#') continue
    if (kind === 'epoch') epochSeconds = Number(words[0])
    else if (kind === 'pulled') pulled.push(words[0])
    else if (kind === 'rule') rules.push([words[0], words[1]])
    else if (kind === 'disk' || kind === 'fault') {
      const wrong = kind === 'disk' ? takeDisk(words, disks) : takeFault(words, faults)
      if (wrong) return fail('EINVAL', `line ${i + 1} is no ${kind}: ${line}`)
    }
  }
  const seed = scriptSeed(text)
  if (seed === null || !Number.isSafeInteger(epochSeconds)) {
    return fail('EINVAL', 'a recording begins with its seed and its epoch')
  }
  const lines = importLines(all, bodyAt < 0 ? all.length : bodyAt)
  if (!lines.ok) return lines
  const head = { bootScript: boot.join('\n'), rules, faults, pulled }
  return ok({ seed, epochSeconds, disks, head, lines: lines.value })
}

function importLines(all: readonly string[], from: number): Result<TimedLine[]> {
  const lines: TimedLine[] = []
  let at = from
  while (at < all.length && all[at].startsWith('#@ ')) {
    const [events, time, count] = all[at].split(' ').slice(1).map(Number)
    if (!(events >= 0 && time >= 0 && count >= 1)) return fail('EINVAL', `line ${at + 1} is no instant: ${all[at]}`)
    lines.push({ at: events, time, text: all.slice(at + 1, at + 1 + count).join('\n') })
    at += 1 + count
  }
  return ok(lines)
}

function takeDisk([name, size, model]: readonly string[], disks: RecordedDisk[]): boolean {
  const sizeBytes = Number(size)
  if (name === undefined || !(sizeBytes > 0) || !isDiskModelName(model ?? '')) return true
  disks.push({ name, sizeBytes, model: model as RecordedDisk['model'] })
  return false
}

function takeFault([kind, disk, ...numbers]: readonly string[], faults: RecordedFault[]): boolean {
  const [sector, sectors, amount] = numbers.slice(0, 3).map((word) => (word === 'ever' ? Infinity : Number(word)))
  const [id, ...healed] = [numbers[3] ?? '0', ...(numbers[4]?.split(',') ?? [])].map(Number)
  if (!FAULT_KINDS.includes(kind) || disk === undefined || !(sector >= 0 && sectors > 0 && amount >= 0)) return true
  if (![id, ...healed].every((number) => Number.isSafeInteger(number) && number >= 0)) return true
  faults.push({ id, kind: kind as FaultKind, disk, sector, sectors, amount, healed })
  return false
}
