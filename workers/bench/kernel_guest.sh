#!/bin/sh
# Process 1 of the kernel that is measured: an array on some disks, and random writes to it or its resync.
# bench= on the boot line names a folder with the program, the task, the level, the kind of disks, their number and size, the seconds;
# the file `answer` comes there.
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
members=$(cat "$folder/members")
set --
case $(cat "$folder/disks") in
image)
  load loop max_loop="$members"
  i=0
  while [ $i -lt "$members" ]; do
    truncate -s "${kib}K" "$folder/$i.img"
    losetup /dev/loop$i "$folder/$i.img"
    set -- "$@" /dev/loop$i
    i=$((i + 1))
  done
  ;;
ram)
  load brd rd_nr="$members" "rd_size=$kib"
  i=0
  while [ $i -lt "$members" ]; do
    set -- "$@" /dev/ram$i
    i=$((i + 1))
  done
  ;;
esac
for name in async_tx async_memcpy async_xor async_pq async_raid6_recov md-mod raid456; do load $name; done
# create MORE...: the array, of the disks and with what else is wanted
create() {
  mdadm --create /dev/md0 --metadata=1.2 --level="$(cat "$folder/level")" --raid-devices="$members" --chunk=64 \
    --bitmap=internal --bitmap-chunk=64K --run "$@"
}
now() {
  cut -d ' ' -f 1 /proc/uptime
}
# The time of a second resync: it finds parity as it should be, like ours.
resync() {
  echo 10000000 >/proc/sys/dev/raid/speed_limit_min
  echo 10000000 >/proc/sys/dev/raid/speed_limit_max
  create --force "$@" && mdadm --wait /dev/md0
  mdadm --stop /dev/md0
  from=$(now)
  create --force "$@" && mdadm --wait /dev/md0
  echo "$(now) $from" | awk '{ print $1 - $2 }' >"$folder/answer.part" && mv "$folder/answer.part" "$folder/answer"
}
writes() {
  create --assume-clean "$@" &&
    "$folder/random_writes" /dev/md0 "$(blockdev --getsize64 /dev/md0)" "$(cat "$folder/programs")" "$(cat "$folder/depth")" \
      "$(cat "$folder/seconds")" >"$folder/answer.part" &&
    mv "$folder/answer.part" "$folder/answer"
}
{
  "$(cat "$folder/task")" "$@"
  mdadm --stop /dev/md0
} >"$folder/log" 2>&1
sync
echo o >/proc/sysrq-trigger
sleep 10
