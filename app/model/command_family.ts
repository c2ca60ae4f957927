/** Which of the two families of commands a line belongs to: those of a root shell, or the lab's own. */
export type Family = 'linux' | 'lab'

/** Every command there is; the machine's own registry is asked by a test, so that the page need not carry the machine. */
export const COMMAND_FAMILIES: Readonly<Record<Family, readonly string[]>> = {
  linux: [
    ...['blkdiscard', 'blockdev', 'cat', 'cmp', 'dd', 'dmsetup', 'echo', 'false', 'hexdump', 'integritysetup'],
    ...[
      'ls',
      'md5sum',
      'mdadm',
      'poweroff',
      'raid6check',
      'reboot',
      'sha256sum',
      'sleep',
      'sync',
      'true',
      'veritysetup',
    ],
  ],
  lab: [
    ...[
      'boot',
      'compare',
      'disk',
      'expect',
      'explore',
      'fault',
      'help',
      'power',
      'rules',
      'run',
      'seed',
      'seek',
      'settle',
      'step',
    ],
    ...['workload'],
  ],
}

export const COMMAND_NAMES: readonly string[] = [...COMMAND_FAMILIES.linux, ...COMMAND_FAMILIES.lab].sort()

/** The family of a line's first command; what nobody knows counts as Linux's, as a shell would take it. */
export function familyOf(line: string): Family {
  const [word] = line.trim().split(/[\s;]+/, 1)
  return COMMAND_FAMILIES.lab.includes(word) ? 'lab' : 'linux'
}
