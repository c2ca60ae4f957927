/** `mdadm --query`: in a line or two, what a device is to md. @source Query, Query.c; human_size_brief, util.c, mdadm 4.2 */
import type { MdSuperblock } from '../format/md_superblock.ts'
import type { NativeArray } from '../md/native_array.ts'
import { formatUuid, levelName } from '../md/mdadm_names.ts'
import type { Kernel } from './kernel.ts'

export function queriedArray(path: string, array: NativeArray | undefined): string {
  if (array === undefined) return `${path}: is not an md array\n`
  const spares = array.members.filter((member) => member.slot < 0 && !member.faulty).length
  const shape = `${briefSize(array.sectors * 512)} ${levelName(array.geometry.level)} ${array.raidDisks} devices`
  return `${path}: ${shape}, ${spares} spare${spares === 1 ? '' : 's'}. Use mdadm --detail for more detail.\n`
}

export function queriedMember(kernel: Kernel, path: string, superblock: MdSuperblock): string {
  const { set_uuid, dev_number, raid_disks, level } = superblock
  const array = kernel.md.arrays.find((one) => formatUuid(one.superblock.set_uuid) === formatUuid(set_uuid))
  const member = array?.members.find((one) => one.descNr === dev_number)
  const activity = array === undefined ? 'inactive' : `/dev/${member?.name ?? ''}` === path ? 'active' : 'mismatch'
  const where = array === undefined ? 'array' : `/dev/${array.name}`
  const what = `device ${dev_number} in ${raid_disks} device ${activity} ${levelName(level)} ${where}`
  return `${path}: ${what}.  Use mdadm --examine for more detail.\n`
}

function briefSize(bytes: number): string {
  if (bytes < 5000 * 1024) return `${hundredths(bytes, 1024)}KiB`
  if (bytes < 2 * 1024 ** 3) return `${hundredths(bytes, 1024 ** 2)}MiB`
  if (bytes < 2 * 1024 ** 4) return `${hundredths(bytes, 1024 ** 3)}GiB`
  return `${hundredths(bytes, 1024 ** 4)}TiB`
}

function hundredths(bytes: number, unit: number): string {
  const value = Math.floor(Math.floor((bytes * 200) / unit + 1) / 2)
  return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`
}
