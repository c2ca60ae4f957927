/** Scripts that bring the house together: what copies, replays and other hosts are compared on. */
export interface Scenario {
  readonly name: string
  readonly script: string
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'workloads on bare disks, with faults and a pulled disk',
    script: `disk create sda 256K
disk create sdb 256K --model ssd
disk create sdc 256K --model hdd
workload start a /dev/sda --depth 8 --read 50
workload start b /dev/sdb --depth 16 --size 12K --sync
workload start c /dev/sdc --pattern seq --rate 500
fault add rot sda 100+8
fault add latent sdb 64+16
fault add slow sdc 3
run 5ms
fault add hang sdb 2ms
run 5ms
disk pull sda
run 2ms
fault lift 2
step 50
disk insert sda --blank
workload stop c
settle`,
  },
  {
    name: 'power cuts in the middle of writes',
    script: `disk create sda 256K
disk create sdb 256K --model ssd
boot set <<'END'
workload start a /dev/sda --depth 4
workload start b /dev/sdb --depth 4
END
power cut
power on
power cut --after-writes 100
run 1s
power on
power cut --after 3ms --keep all
run 1s
power on
run 1ms
power cut --keep none
power on
settle`,
  },
]
