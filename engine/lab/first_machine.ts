/**
 * What somebody finds who comes for the first time: a RAID-5 of four small disks, at rest and then under a light load. It is
 * made by typing, like everything else.
 */

/** The lines that bring it up again after every cut. */
const BOOT = `mdadm --assemble /dev/md0 /dev/sda /dev/sdb /dev/sdc /dev/sdd
workload start app /dev/md0 --pattern random --size 4K --rate 1500 --region 1M+2M`

/**
 * 16 rows of 64 KiB chunks, one bit of the bitmap for each. A new bitmap is all ones, and comes to rest within 20 s. The first
 * MiB is left to whoever wants to write something of their own.
 */
export const FIRST_MACHINE = `disk create sda 2M --model ssd
disk create sdb 2M --model ssd
disk create sdc 2M --model ssd
disk create sdd 2M --model ssd
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64 --bitmap=internal --bitmap-chunk=64K --assume-clean --run /dev/sda /dev/sdb /dev/sdc /dev/sdd
boot set <<'END'
${BOOT}
END
run 20s
${BOOT.split('\n')[1]}
`
