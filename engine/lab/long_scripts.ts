/** Scripts that bring the house together: what copies, replays and other hosts are compared on. */
export interface LongScript {
  readonly name: string
  readonly script: string
}

export const LONG_SCRIPTS: readonly LongScript[] = [
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
  {
    name: 'mapped devices that stripe, delay, fail and are replaced under I/O',
    script: `disk create sda 1M
disk create sdb 1M --model ssd
dmsetup create stripe --table '0 4096 striped 2 16 /dev/sda 0 /dev/sdb 0'
dmsetup create slow --table '0 1024 delay /dev/mapper/stripe 0 2'
dmsetup create top <<'END'
0 512 linear /dev/mapper/slow 0
512 512 linear /dev/mapper/stripe 1024
END
dd if=/dev/urandom of=/dev/mapper/top bs=16k count=8 oflag=direct
workload start a /dev/mapper/top --depth 4 --size 12K --read 40
workload start b /dev/mapper/stripe --size 64K --sync --region 1M+1M
run 6ms
dmsetup suspend stripe
dmsetup load stripe --table '0 4096 striped 2 16 /dev/sdb 0 /dev/sda 0'
run 1ms
dmsetup resume stripe
run 6ms
sha256sum /dev/mapper/top
workload stop a
workload stop b
dmsetup remove top
dmsetup status
dd if=/dev/mapper/stripe of=/tmp/copy bs=64k count=4
cmp -n 65536 /tmp/copy /dev/mapper/stripe
power cut --after-writes 5
dd if=/tmp/copy of=/dev/mapper/stripe bs=4k conv=fsync
power on
settle`,
  },
  {
    name: 'a RAID-5 that is cut, recovers, loses a disk and is rebuilt',
    script: `disk create sda 1280K
disk create sdb 1280K
disk create sdc 1280K --model ssd
disk create sdd 1280K
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=16 --bitmap=internal --bitmap-chunk=64K /dev/sda /dev/sdb /dev/sdc /dev/sdd
boot set <<'END'
mdadm --assemble /dev/md0 /dev/sda /dev/sdb /dev/sdc /dev/sdd
END
settle
run 30s
dd if=/dev/urandom of=/dev/md0 bs=64k count=8 oflag=direct
workload start w /dev/md0 --depth 4 --region 64K+256K
power cut --after-writes 150
run 1s
power on
cat /proc/mdstat
settle
workload start w /dev/md0 --depth 2 --size 12K --read 30
run 300us
disk pull sdb
run 2ms
workload stop w
mdadm --remove /dev/md0 /dev/sdb
disk insert sdb --blank
mdadm --add /dev/md0 /dev/sdb
settle
echo check > /sys/block/md0/md/sync_action
settle
cat /sys/block/md0/md/mismatch_cnt
mdadm --detail /dev/md0
sha256sum /dev/md0
mdadm --stop /dev/md0`,
  },
  {
    name: 'a raid target that is cut, activated without a leg, and given another one',
    script: `disk create sda 512K
disk create sdb 512K --model ssd
disk create sdc 512K
disk create ma 64K
disk create mb 64K
disk create mc 64K
disk create sdd 512K
disk create me 64K
boot set <<'END'
dmsetup create r --table '0 2048 raid raid5_ls 3 16 region_size 64 3 /dev/ma /dev/sda /dev/mb /dev/sdb /dev/mc /dev/sdc'
END
dmsetup create r --table '0 2048 raid raid5_ls 3 16 region_size 64 3 /dev/ma /dev/sda /dev/mb /dev/sdb /dev/mc /dev/sdc'
run 2ms
dmsetup message r 0 frozen
dmsetup status r
dmsetup message r 0 idle
settle
dd if=/dev/urandom of=/dev/mapper/r bs=16k count=8 oflag=direct
workload start w /dev/mapper/r --depth 4 --size 12K --read 30
power cut --after-writes 90
run 1s
power on
settle
dmsetup status r
dmsetup suspend r
dmsetup resume r
dmsetup load r --table '0 2048 raid raid5_ls 3 16 region_size 64 3 /dev/ma /dev/sda - - /dev/mc /dev/sdc'
dmsetup resume r
dd if=/dev/urandom of=/dev/mapper/r bs=4k count=9 seek=3 oflag=direct
settle
dmsetup remove r
dmsetup create r --table '0 2048 raid raid5_ls 5 16 rebuild 1 region_size 128 3 /dev/ma /dev/sda /dev/me /dev/sdd /dev/mc /dev/sdc'
workload start w /dev/mapper/r --depth 2 --size 4K
run 2ms
workload stop w
settle
dmsetup message r 0 check
settle
dmsetup status r
sha256sum /dev/mapper/r
dmsetup remove r`,
  },
  {
    name: 'buffer caches short of memory, moved, written late, cut off',
    script: `disk create sda 2M --model ssd
disk create sdb 2M --model hdd
echo 65536 > /sys/module/dm_bufio/parameters/max_cache_size_bytes
dmsetup create a --table '0 4096 bufio_test /dev/sda 4096 2'
dmsetup create b --table '0 4096 bufio_test /dev/sdb 1536 1'
dmsetup message a 0 'start loop k 3; loop i 20; read i; stamp i 3+i; dirty i 512 1024; put i; end; async; end'
dmsetup message a 0 'start loop i 20; new 40+i; stamp 40+i i; dirty 40+i; move 40+i 80+i; end; sync'
dmsetup message b 0 'start loop i 30; read i; stamp i i; dirty i; put i; end; sync; prefetch 50 9; forget 0 30'
dmsetup message a 0 wait
dmsetup message b 0 wait
sleep 40
dmsetup message a 0 'run loop i 9; read i; stamp i 9+i; dirty i; put i; end; async'
power cut --keep random
power on
rules dm-bufio.period seed
dmsetup create a --table '0 4096 bufio_test /dev/sda'
dmsetup message a 0 'run loop i 9; read i; stamp i 7+i; dirty i; put i; end'
sleep 25
echo 1 > /sys/module/dm_bufio/parameters/max_cache_size_bytes
dmsetup create b --table '0 4096 bufio_test /dev/sdb 512 2'
dmsetup message b 0 'start loop i 20; read i; stamp i i; dirty i; put i; end'
dmsetup message b 0 'start loop i 20; read 30+i; stamp 30+i i; dirty 30+i; put 30+i; end'
dmsetup message b 0 wait
dmsetup remove b
dmsetup remove a
settle`,
  },
  {
    name: 'checksums in all modes, batched, cut off and recovered',
    script: `disk create sda 128K --model ssd
disk create sdb 512K
disk create sdc 256K --model hdd
boot set <<'END'
dmsetup create dual --table '0 128 checksum /dev/sda /dev/sdb crc32c dual'
END
dmsetup create dual --table '0 128 checksum /dev/sda /dev/sdb crc32c dual'
workload start w /dev/mapper/dual --depth 6 --size 4K --read 30
run 4ms
workload start s /dev/mapper/dual --depth 1 --size 12K --sync
power cut --after-writes 40
run 1s
power on
dmsetup status dual
dmsetup message dual 0 scrub
dmsetup remove dual
dd if=/dev/zero of=/dev/sdb bs=4k count=1
dmsetup create j --table '0 128 checksum /dev/sda /dev/sdb sha256 journal journal /dev/sdc journal_sectors 192'
workload start w /dev/mapper/j --depth 4 --size 4K --read 20
boot set <<'END'
dmsetup create j --table '0 128 checksum /dev/sda /dev/sdb sha256 journal journal /dev/sdc journal_sectors 192'
END
power cut --after-writes 60
run 1s
power on
dmsetup status j
dmsetup message j 0 scrub
dmsetup remove j
settle`,
  },
]
