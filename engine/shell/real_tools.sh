#!/bin/bash
# Runs every line of real_tools.lab with the tools of this machine (Debian 12, root, loop devices) and prints what they say on
# standard output, and their exit status: real_tools.sh > real_tools.golden
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
truncate -s 1M "$work/a.img"
truncate -s 1050112 "$work/b.img"
truncate -s 64K "$work/c.img"
a=$(losetup -f --show "$work/a.img")
b=$(losetup -f --show "$work/b.img")
c=$(losetup -f --show "$work/c.img")
mkdir "$work/tmp"

# Names as in the script to names as here, and back.
there() { sed -e "s#/dev/a\b#$a#g; s#/dev/b\b#$b#g; s#/dev/c\b#$c#g; s#/tmp\b#$work/tmp#g"; }
back() { sed -e "s#$a\b#/dev/a#g; s#$b\b#/dev/b#g; s#$c\b#/dev/c#g; s#$work/tmp#/tmp#g"; }

# One command, which may have a here-document.
ask() {
  printf '$ %s\n' "$1"
  printf '%s\n' "$1" | there > "$work/command"
  bash "$work/command" > "$work/out" 2> /dev/null < /dev/null
  status=$?
  back < "$work/out" > "$work/answer"
  cat "$work/answer"
  if [ -s "$work/answer" ] && [ -n "$(tail -c 1 "$work/answer")" ]; then printf '\n\\ no newline at the end\n'; fi
  printf -- '-> %s\n' "$status"
}

command=
end=
while IFS= read -r line; do
  case $line in '#'*) [ -z "$end" ] && continue ;; esac
  if [ -n "$end" ]; then
    command="$command"$'\n'"$line"
    [ "$(printf '%s' "$line" | tr -d '\t')" = END ] || continue
    end=
  else
    command=$line
    case $line in *'<<'*) end=END; continue ;; esac
  fi
  ask "$command"
done < "$here/real_tools.lab"

losetup -d "$a" "$b" "$c"
rm -rf "$work"
