#!/bin/sh
# Runs one of the scripts of this folder inside a real Linux 6.1 that runs as an ordinary program, and so remakes its goldens.
#
#     sudo sh guest.sh layout.py        (or create.py, states.py, superblocks.py)
#
# Needs Debian's packages user-mode-linux, mdadm, python3. Uuids and times differ from run to run; the rest must not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
script=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/init" <<INIT
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs run /run
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TZ=UTC MDADM_NO_UDEV=1
cd '$scratch' && python3 -B '$here/$script'
sync
echo o >/proc/sysrq-trigger
sleep 10
INIT
chmod +x "$scratch/init"
truncate -s 1M "$scratch/dummy"
linux.uml mem=512M rootfstype=hostfs rootflags=/ rw init="$scratch/init" ubd0="$scratch/dummy" \
  con=null con0=fd:0,fd:1 quiet loglevel=0 </dev/null
