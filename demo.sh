#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Seals all modules of a real kernel, verifies them, changes one byte and shows that it is noticed.
#
#     ./demo.sh                   the newest kernel 6.1 of Debian 12, downloaded but not installed
#     ./demo.sh -k VERSION        another one, such as 6.1.0-47-amd64
#     ./demo.sh --modules DIR     the modules below DIR; a copy of them is worked on
#     ./demo.sh --kernel          builds a kernel with module hashes and boots it in QEMU, instead
#
# Downloads and the copy are kept in ${XDG_CACHE_HOME:-~/.cache}/modproof/demo.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/packages.sh
. "$here/tools/packages.sh"

usage() {
  sed -n 's/^# \{0,1\}//; 3,10p' "$here/demo.sh"
}

version=
modules=
kernel=
while [ $# -gt 0 ]; do
  case $1 in
    -k | --modules)
      [ $# -ge 2 ] || { echo "demo.sh: $1 needs an argument" >&2; exit 2; }
      if [ "$1" = -k ]; then version=$2; else modules=$2; fi
      shift 2
      ;;
    --kernel) kernel=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "demo.sh: unknown argument $1; see ./demo.sh --help" >&2; exit 2 ;;
  esac
done
if [ -n "$kernel" ] && [ -n "$version$modules" ]; then
  echo "demo.sh: --kernel takes neither -k nor --modules" >&2
  exit 2
fi
if [ -n "$modules" ] && [ ! -d "$modules" ]; then
  echo "demo.sh: $modules is not a directory" >&2
  exit 2
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/modproof/demo
mkdir -p "$cache"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
if [ ! -t 1 ]; then say() { printf '\n%s\n' "$*"; }; fi

# run [!]COMMAND...: shows the command as a user would type it, runs it and shows how long it took.
# With !, exit status 1 is what is expected.
run() {
  local expected=0 status=0 start
  if [ "$1" = ! ]; then
    expected=1
    shift
  fi
  printf '$ %s\n' "$*"
  start=$EPOCHREALTIME
  "$@" || status=$?
  awk -v a="$start" -v b="$EPOCHREALTIME" -v s="$status" \
    'BEGIN { printf "  (exit status %d, %.2f s)\n", s, b - a }'
  if [ "$status" -ne "$expected" ]; then
    echo "demo.sh: exit status $expected was expected" >&2
    exit 1
  fi
}

say "Building modproof"
ensure_packages "${packages_build[@]}"
(
  cd "$here"
  { cmake --preset release && cmake --build build/release; } >"$cache/build.log" 2>&1 || {
    tail -n 40 "$cache/build.log"
    exit 1
  }
)
PATH=$here/build/release:$PATH
modproof --version

if [ -n "$kernel" ]; then
  mapfile -t needed <"$here/tests/kernel/packages.txt"
  ensure_packages "${needed[@]}"
  MODPROOF=$here/build/release/modproof exec "$here/tests/kernel/demo"
fi

if [ -z "$modules" ]; then
  modules=$("$here/tools/fetch-modules" ${version:+"$version"})
fi
modules=$(realpath -- "$modules")
[ -n "$(find -L "$modules" -name '*.ko' -print -quit)" ] || {
  echo "demo.sh: no module (*.ko) below $modules" >&2
  exit 2
}

say "A copy of $(basename "$modules") to work on"
work=$cache/work
rm -rf "$work"
mkdir "$work"
cp -a "$modules/." "$work/modules"
ln -s "$modules" "$work/original"
cd "$work"
echo "$(find modules -name '*.ko' | wc -l) modules, $(du -sh modules | cut -f1)"

say "Seal them: hash all, write the tree file, append a proof to each"
run modproof seal modules

say "Verify all of them, as the kernel would"
run modproof verify --tree modules/modules.merkle modules

# One that most have heard of, if it is there.
victim=$(find modules -name '*.ko' | LC_ALL=C sort |
  awk 'NR == 1 { first = $0 } /\/(ext4|e1000e|loop)\.ko$/ && !known { known = $0 } END { print known ? known : first }')
say "What one module holds now"
run modproof info "$victim"

offset=$(($(stat -c %s "$victim") / 3))
say "Change one byte of $victim, at offset $offset"
original=$(od -An -tu1 -j "$offset" -N1 "$victim" | tr -d ' ')
changed=$(((original + 1) % 256))
put_byte() {
  # shellcheck disable=SC2059  # the byte is the format
  printf "\\x$(printf %02x "$1")" | dd of="$victim" bs=1 seek="$offset" conv=notrunc status=none
}
put_byte "$changed"
run ! modproof verify --tree modules/modules.merkle modules
run ! modproof explain --tree modules/modules.merkle "$victim"

say "Put the original byte back; without its proof the module is what it was"
put_byte "$original"
run modproof verify --tree modules/modules.merkle modules
run modproof detach "$victim"
run cmp "$victim" "$modules/${victim#modules/}"
run modproof attach --tree modules/modules.merkle "$victim"
run modproof verify --tree modules/modules.merkle modules

say "Done: $work/modules holds the sealed modules"
