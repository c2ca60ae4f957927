#!/bin/sh
# Process 1 of the kernel that is measured: a RAID-5 on four disks, and random writes to it.
# bench= on the boot line names a folder with the program, the kind of disks, their size, the seconds; the file `answer` comes there.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /run
for word in $(cat /proc/cmdline); do
  case $word in bench=*) folder=${word#bench=} ;; esac
done
modules=/usr/lib/uml/modules/$(uname -r)/kernel
load() {
  name=$1
  shift
  file=$(find "$modules" -name "$name.ko" | head -n 1)
  [ -n "$file" ] && insmod "$file" "$@"
}
kib=$(cat "$folder/disk_kib")
case $(cat "$folder/disks") in
image)
  load loop max_loop=4
  for i in 0 1 2 3; do
    truncate -s "${kib}K" "$folder/$i.img"
    losetup /dev/loop$i "$folder/$i.img"
  done
  set -- /dev/loop0 /dev/loop1 /dev/loop2 /dev/loop3
  ;;
ram)
  load brd rd_nr=4 "rd_size=$kib"
  set -- /dev/ram0 /dev/ram1 /dev/ram2 /dev/ram3
  ;;
esac
for name in async_tx async_memcpy async_xor async_pq async_raid6_recov md-mod raid456; do load $name; done
{
  mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64 --bitmap=internal --bitmap-chunk=64K \
    --assume-clean --run "$@" &&
    "$folder/random_writes" /dev/md0 "$(blockdev --getsize64 /dev/md0)" "$(cat "$folder/programs")" "$(cat "$folder/depth")" \
      "$(cat "$folder/seconds")" >"$folder/answer.part" &&
    mv "$folder/answer.part" "$folder/answer"
  mdadm --stop /dev/md0
} >"$folder/log" 2>&1
sync
echo o >/proc/sysrq-trigger
sleep 10
