/** Lines that speak to an array: to one of mdadm's through /sys, to one below a raid target by messages. */

const MAPPED = 'mapper/'

/** Whether an array lies below a target of device-mapper. @param name below /dev */
export function isMappedArray(name: string): boolean {
  return name.startsWith(MAPPED)
}

export function syncLine(name: string, action: 'check' | 'repair'): string {
  return isMappedArray(name)
    ? `dmsetup message ${name.slice(MAPPED.length)} 0 ${action}`
    : `echo ${action} > /sys/block/${name}/md/sync_action`
}

/** What shows all that the tools say of an array. */
export function detailLine(name: string): string {
  return isMappedArray(name) ? `dmsetup status ${name.slice(MAPPED.length)}` : `mdadm --detail /dev/${name}`
}
