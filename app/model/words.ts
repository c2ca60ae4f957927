import { isMappedArray } from './array_lines.ts'
import { machineStore } from './machine_store.ts'

const LAB_WORDS = [
  ...['add', 'blank', 'create', 'cut', 'hang', 'insert', 'latent', 'lift', 'list', 'on', 'pull', 'rot', 'set', 'show'],
  ...['slow', 'start', 'stop', '--after', '--after-writes', '--blank', '--depth', '--keep', '--model', '--old'],
  ...['--pattern', '--read', '--region', '--size', '--sync', 'none', 'all', 'random'],
]
const MDADM_WORDS = [
  ...['--add', '--assemble', '--assume-clean', '--bitmap', '--bitmap-chunk', '--chunk', '--create', '--detail'],
  ...['--examine', '--examine-bitmap', '--fail', '--force', '--layout', '--level', '--metadata', '--raid-devices'],
  ...['--re-add', '--remove', '--run', '--stop', '--uuid', 'missing', 'internal'],
]
const FILES = ['/dev/null', '/dev/urandom', '/dev/zero', '/proc/mdstat']

/** What Tab completes behind the first word: the devices and files there are, and the words of the lab language. */
export function wordsToComplete(): readonly string[] {
  const { disks, arrays, mapped } = machineStore.getState().scene
  const names = disks.map(({ name }) => name)
  const mdadms = arrays.filter(({ name }) => !isMappedArray(name))
  return [
    ...LAB_WORDS,
    ...MDADM_WORDS,
    ...FILES,
    ...names,
    ...[...names, ...mdadms.map(({ name }) => name)].map((name) => `/dev/${name}`),
    ...mapped.map(({ name }) => `/dev/mapper/${name}`),
    ...mdadms.flatMap(({ name }) =>
      [
        'array_state',
        'degraded',
        'mismatch_cnt',
        'sync_action',
        'sync_completed',
        'sync_speed_max',
        'sync_speed_min',
      ].map((file) => `/sys/block/${name}/md/${file}`),
    ),
  ]
}
