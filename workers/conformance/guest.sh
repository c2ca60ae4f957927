#!/bin/bash
# Process 1 of the judge: a Linux 6.1 that runs as an ordinary program on the host's own files. It runs the scripts that stand
# in the folder $judge, one after the other on fresh loop devices, and leaves each command's output, error output and status
# there. All else of the host is read-only for it.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mkdir -p /dev/mapper /run/judge
mount --bind "$judge" /run/judge
mount -t tmpfs tmpfs /tmp
[ -d /etc/mdadm ] && mount -t tmpfs tmpfs /etc/mdadm
mount -o remount,bind,ro /
cd /

insert() {
  local file
  file=$(find "/usr/lib/uml/modules/$(uname -r)/kernel" -name "$1.ko" -print -quit)
  shift
  [ -n "$file" ] && insmod "$file" "$@"
}
for module in async_tx async_memcpy async_xor async_pq async_raid6_recov md-mod raid456 \
  dm-mod dm-zero dm-flakey dm-delay dm-dust dm-raid dm-bufio dm-verity dm-integrity; do
  insert $module 2> /dev/null
done
insert loop max_loop=16 2> /dev/null

# The other levels come when the kernel asks for them, as everywhere, and are gone again when the next script begins.
modules=/usr/lib/uml/modules/$(uname -r)/kernel/drivers/md
cat > /run/modprobe << END
#!/bin/bash
case \${!#} in
  md-level-0 | md-raid0) exec /usr/sbin/insmod $modules/raid0.ko ;;
  md-level-1 | md-raid1) exec /usr/sbin/insmod $modules/raid1.ko ;;
  md-level-10 | md-raid10) exec /usr/sbin/insmod $modules/raid10.ko ;;
esac
exit 1
END
chmod +x /run/modprobe
echo /run/modprobe > /proc/sys/kernel/modprobe

# Waits without starting a program, which costs this machine ten times as much as anything else.
mkfifo /run/nap
exec 9<> /run/nap
nap() {
  read -rt "$1" -u 9
}

# Whether an array of md syncs: it says so, or has a thread for it (the arrays of dm-raid are in no list but device-mapper's own).
# Threads are looked for among the processes that are younger than the script: every file that is opened takes its time.
busy() {
  local file word lines
  mapfile -t lines < /proc/mdstat
  [[ "${lines[*]}" =~ (resync|recovery|check|repair|reshape)\ *= ]] && return 0
  compgen -G '/sys/block/dm-*' > /dev/null || return 1
  for file in /proc/[0-9]*; do
    ((${file#/proc/} > born)) || continue
    read -r word 2> /dev/null < "$file/comm" && [[ $word =~ ^md.*_(resync|reshape)$ ]] && return 0
  done
  return 1
}

# Until no sync action runs (asked three times: one begins a moment after its cause), nothing is in flight, and every array's
# superblock says so. (Of dm-raid nothing says so: a moment is waited, but for a script that is in haste. The count of md itself is no
# help: a read that was retried after an error stays in it for ever.)
settle() {
  local calm=0 tries=0 file word raids= pause=0.1 rest=0.3 more=0.5
  [ -e "$job/brisk" ] && pause=0.05 rest=0.1 more=0
  while ((calm < 3 && tries++ < 1200)); do
    if busy; then
      calm=0
    elif ((++calm == 3)) && [ $more != 0 ] && compgen -G '/sys/block/dm-*' > /dev/null; then
      raids=$(dmsetup status --target raid 2> /dev/null)
      [[ $raids =~ \ (resync|recover|check|repair|reshape)\ [0-9] ]] && calm=0
    fi
    nap $pause
  done
  for ((tries = 0; tries < 100; tries++)); do
    calm=yes
    for file in /sys/block/md*/md/array_state; do
      [ -e "$file" ] && read -r word < "$file" && [[ $word =~ ^(active|write-pending)$ ]] && calm=no
    done
    [ $calm = no ] || for file in /sys/block/{loop,dm-,ubd}*/inflight; do
      [ -e "$file" ] && read -r word < "$file" && [[ $word =~ [1-9] ]] && calm=no
    done
    [ $calm = yes ] && break
    nap $pause
  done
  nap $rest
  [ -z "$raids" ] || nap $more
  return 0
}

# `power cut [--after TIME]`: the host kills this machine, which is an honest power cut; or it stops it for a moment, takes what is
# on the disks, and lets it go on with the next script.
power() {
  echo "${3:-0}" > "$job/cut"
}

# The disks that a script makes are there already.
disk() {
  [ "$1" = create ]
}

# `expect`: judges the command before it, as the lab does; what it is to say is compared without looking at the number of blanks.
expect() {
  local said status words= has=() lacks=() fails= text index=0 name names=()
  status=$(< "$job/rc.$judged")
  said=$(< "$job/out.$judged")
  mapfile -t names < "$job/names"
  for ((index = ${#names[@]} - 1; index >= 0; index--)); do said=${said//loop$index/${names[index]}}; done
  while [[ $1 = --* ]]; do
    case $1 in
      --fails) fails=yes ;;
      --has) has+=("$2") && shift ;;
      --lacks) lacks+=("$2") && shift ;;
      --) shift && break ;;
      *) return 2 ;;
    esac
    shift
  done
  if [ "$fails" ]; then [ "$status" != 0 ]; else [ "$status" = 0 ]; fi || { echo "status $status" >&2 && return 1; }
  for text in "${has[@]}"; do
    [[ $(tr -s ' \t' ' ' <<< "$said") = *"$(tr -s ' \t' ' ' <<< "$text")"* ]] || { echo "no $text" >&2 && return 1; }
  done
  for text in "${lacks[@]}"; do
    [[ $(tr -s ' \t' ' ' <<< "$said") != *"$(tr -s ' \t' ' ' <<< "$text")"* ]] || { echo "$text" >&2 && return 1; }
  done
  if [ $# -gt 0 ]; then
    read -r -d '' -a words <<< "$*"
    read -r -d '' -a text <<< "$said"
    [ "${words[*]}" = "${text[*]}" ] || { echo "not ${words[*]}" >&2 && return 1; }
  fi
  text=$(cat)
  [ -z "$text" ] || [ "$text" = "$said" ] || { echo "not $text" >&2 && return 1; }
}

await_cut() {
  while [ ! -e "$job/go" ]; do nap 0.05; done
}

# Names the script's disks in the order of the file `names`, which is loopN or ubd[b+N]. LOOP_SET_FD and LOOP_CLR_FD.
attach() {
  perl -e '
    my ($kind, $job) = @ARGV;
    open my $names, "<", "$job/names";
    my $index = 0;
    while (my $name = <$names>) {
      chomp $name;
      my $device = $kind eq "loop" ? "/dev/loop$index" : "/dev/ubd" . chr(98 + $index);
      if ($kind eq "loop") {
        open my $image, "+<", "$job/disks/$name.img" or die "$name: $!";
        open my $loop, "+<", $device or die "$device: $!";
        ioctl $loop, 0x4C00, fileno $image or die "$device: $!";
      }
      unlink "/dev/$name";
      symlink $device, "/dev/$name";
      $index++;
    }' "$1" "$job"
}

release() {
  perl -e '
    my ($job) = @ARGV;
    for my $device (map { m{(loop\d+)} ? "/dev/$1" : () } glob "/sys/block/loop*/loop/backing_file") {
      open my $loop, "<", $device or next;
      ioctl $loop, 0x4C01, 0;
    }
    open my $names, "<", "$job/names";
    while (<$names>) { chomp; unlink "/dev/$_" }' "$job"
}

# Takes down whatever is left, so that the next script starts from nothing; says what that was.
detach() {
  local tries name lines
  mapfile -t lines < /proc/mdstat
  if compgen -G '/sys/block/dm-*' > /dev/null; then dmsetup ls > "$job/left"; fi
  for name in "${lines[@]}"; do [[ $name == md* ]] && echo "$name" >> "$job/left"; done
  for ((tries = 0; tries < 50; tries++)); do
    if [ -e "$job/left" ]; then
      mdadm --stop --scan > /dev/null 2>&1
      dmsetup remove_all --force > /dev/null 2>&1
    fi
    release
    compgen -G '/sys/block/loop*/loop/backing_file' > /dev/null || break
    nap 0.1
  done
  if compgen -G '/sys/block/loop*/loop/backing_file' > /dev/null; then losetup -a > "$job/stuck"; fi
  # What was written to a device that was not there has become a file.
  for name in /dev/md* /dev/mapper/*; do [ -f "$name" ] && rm "$name"; done
  for name in raid0 raid1 raid10; do [ -e /sys/module/$name ] && rmmod $name 2> /dev/null; done
  rm -rf /tmp/* /run/mdadm
  sync
  [ -e "$job/brisk" ] || echo 3 > /proc/sys/vm/drop_caches
}

uname -r > /run/judge/release
while read -r id kind; do
  job=/run/judge/$id
  echo "$id" > /run/judge/current
  attach "$kind"
  # The number that the kernel gave last.
  read -r _ _ _ _ born < /proc/loadavg
  count=$(< "$job/count")
  for ((n = 0; n < count; n++)); do
    echo "$n" > "$job/at"
    # A script in haste is known to be tame: it leaves this shell as it is, and needs none of its own.
    if [ -e "$job/brisk" ]; then . "$job/cmd.$n"; else (. "$job/cmd.$n"); fi > "$job/out.$n" 2> "$job/err.$n" < /dev/null
    echo $? > "$job/rc.$n"
    read -r word _ < "$job/cmd.$n"
    [ "$word" = expect ] || judged=$n
    [ -e "$job/cut" ] && [ "$(< "$job/cut")" = 0 ] && break
  done
  [ -e "$job/cut" ] && await_cut
  detach
  echo yes > "$job/done"
done < /run/judge/queue
sync
echo o > /proc/sysrq-trigger
sleep 10
