#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The root is written with one system call where it lies within one sector of the disk. Where it
# straddles two, a crash could leave half of it: the kernel is replaced as a whole then, keeping mode,
# owner and attributes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
root=$(root_of modules.merkle)
hash=${root##*:}

for offset in 512 988 1000 1023 1024; do
  make_vmlinux vmlinux --offset $offset
  make_vmlinux expected --offset $offset --levels 1 --hash "$hash"
  chmod 700 vmlinux
  inode=$(stat -c %i vmlinux)
  run patch vmlinux
  expect 0 "vmlinux: root $root" ''
  expect_same_bytes vmlinux expected
  [ "$(stat -c %a vmlinux)" = 700 ] || fail "mode"
  expect_no_temporary_files .
  new=$(stat -c %i vmlinux)
  case $offset in
    512 | 988 | 1024) [ "$new" = "$inode" ] || fail "offset $offset: not in place" ;;
    *) [ "$new" != "$inode" ] || fail "offset $offset: written in place" ;;
  esac
done
