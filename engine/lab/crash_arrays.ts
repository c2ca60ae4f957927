/** The arrays, and what is written to them, of which the power is cut at every write. */
import type { ArrayOptions } from './crash_array_fixture.ts'

export interface CrashedArray extends ArrayOptions {
  readonly name: string
  readonly workloads: string
  /** What happens between the beginning of the workloads and the window. */
  readonly lead?: string
  /** Where another window is wanted. */
  readonly onceIos?: number
  readonly twiceIos?: number
  /** Most writes find nothing else under way: the write hole is rarely met. */
  readonly pauses?: boolean
}

const PARITY: readonly CrashedArray[] = [
  {
    name: 'four members, small chunks, small writes',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 512 --region 96K+96K`,
  },
  {
    name: 'left-asymmetric, three members, chunks of 16 KiB, full stripes among the writes',
    members: 3,
    chunk: 16,
    extra: '--level=5 --layout=left-asymmetric --bitmap=internal --bitmap-chunk=64K',
    workloads: `workload start a /dev/shadow --size 32K --pattern seq --region 0+96K
workload start b /dev/shadow --depth 2 --size 4K --region 96K+64K`,
    twiceIos: 40,
  },
  {
    name: 'RAID-4, six members, on disks that write back by themselves',
    members: 6,
    chunk: 8,
    extra: '--level=4 --bitmap=internal --bitmap-chunk=32K',
    model: 'ssd',
    workloads: 'workload start a /dev/shadow --depth 4 --size 5K --region 0+200K',
    twiceIos: 40,
  },
  {
    name: 'right-symmetric, five members, on disks that turn; bits are cleared beside writes under way',
    members: 5,
    chunk: 4,
    extra: '--level=5 --layout=right-symmetric --bitmap=internal --bitmap-chunk=16K',
    model: 'hdd',
    // The daemon looks every 5 s; what it takes for idle at its second look, it clears with its third.
    lead: 'run 15s',
    onceIos: 60,
    workloads: `workload start a /dev/shadow --depth 2 --size 1K --region 0+96K
workload start b /dev/shadow --sync --size 16K --region 96K+64K`,
    twiceIos: 12,
  },
  {
    name: 'four members, pauses between the writes, in which bits are cleared and the array becomes clean',
    members: 4,
    chunk: 4,
    extra: '--level=5 --layout=parity-first --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --rate 1 --size 4K --region 0+32K
workload start b /dev/shadow --rate 1 --size 512 --sync --region 32K+64K`,
    onceIos: 240,
    twiceIos: 120,
    pauses: true,
  },
  {
    name: 'four members without a bitmap: everything is resynced',
    members: 4,
    chunk: 8,
    extra: '--level=5 --layout=right-asymmetric --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 3 --size 4K',
    twiceIos: 48,
  },
  {
    name: 'parity-last, three members without a bitmap, slow writes, and pauses in which the array becomes clean',
    members: 3,
    chunk: 4,
    extra: '--level=5 --layout=parity-last --bitmap=none',
    model: 'hdd',
    workloads: `workload start a /dev/shadow --rate 9 --size 16K
workload start b /dev/shadow --rate 3 --size 512 --sync --region 0+64K`,
    lead: 'echo 0.01 > /sys/block/md0/md/safe_mode_delay\nrun 1s',
    onceIos: 80,
    twiceIos: 30,
    pauses: true,
  },
  {
    name: 'RAID-4 without a bitmap',
    members: 4,
    chunk: 4,
    extra: '--level=4 --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 2 --size 6K --sync',
  },
]

const MIRRORS: readonly CrashedArray[] = [
  {
    name: 'two members, small writes',
    members: 2,
    chunk: 0,
    extra: '--level=1 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+32K
workload start b /dev/shadow --sync --size 512 --region 32K+32K`,
    size: '1152K',
    twiceIos: 30,
  },
  {
    name: 'three members, on disks that write back by themselves',
    members: 3,
    chunk: 0,
    extra: '--level=1 --bitmap=internal --bitmap-chunk=32K',
    model: 'ssd',
    workloads: 'workload start a /dev/shadow --depth 4 --size 5K --region 0+64K',
    size: '1152K',
    twiceIos: 30,
  },
  {
    name: 'two members without a bitmap: everything is resynced',
    members: 2,
    chunk: 0,
    extra: '--level=1 --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 3 --size 4K',
    size: '1600K',
    twiceIos: 30,
  },
  {
    name: 'two members, pauses between the writes, in which bits are cleared and the array becomes clean',
    members: 2,
    chunk: 0,
    extra: '--level=1 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --rate 1 --size 4K --region 0+32K
workload start b /dev/shadow --rate 1 --size 512 --sync --region 32K+32K`,
    size: '1152K',
    onceIos: 200,
    twiceIos: 60,
    pauses: true,
  },
]

const BEHIND: readonly CrashedArray[] = [
  {
    name: 'RAID-1 with a slow member, writes behind',
    members: 2,
    chunk: 0,
    extra: '--level=1 --bitmap=internal --bitmap-chunk=16K --write-behind=8',
    model: 'ssd',
    slow: 'hdd',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+32K
workload start b /dev/shadow --sync --size 512 --region 32K+32K`,
    size: '1152K',
    twiceIos: 30,
  },
]

const TENS: readonly CrashedArray[] = [
  {
    name: 'RAID-10, near copies on three members, small writes',
    members: 3,
    chunk: 4,
    extra: '--level=10 --layout=n2 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+32K
workload start b /dev/shadow --sync --size 512 --region 32K+32K`,
    twiceIos: 30,
  },
  {
    name: 'RAID-10, far copies on four members, on disks that write back by themselves',
    members: 4,
    chunk: 8,
    extra: '--level=10 --layout=f2 --bitmap=internal --bitmap-chunk=32K',
    model: 'ssd',
    workloads: 'workload start a /dev/shadow --depth 4 --size 12K --region 0+64K',
    twiceIos: 30,
  },
  {
    name: 'RAID-10, offset copies on three members, without a bitmap: everything is resynced',
    members: 3,
    chunk: 16,
    extra: '--level=10 --layout=o2 --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 3 --size 4K',
    size: '1120K',
    twiceIos: 30,
  },
]

export const CRASHED_ARRAYS: readonly CrashedArray[] = [...PARITY, ...MIRRORS, ...BEHIND, ...TENS]
