#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Of a vmlinux with several hard links the named one gets the root, wherever in the file it stands; the
# others stay as they are, as those of modules do.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
for offset in 512 1000; do
  rm -f vmlinux kept
  make_vmlinux vmlinux --offset $offset
  cp vmlinux old
  ln vmlinux kept
  run patch vmlinux -q
  expect 0 '' ''
  expect_same_bytes kept old
  run patch vmlinux --check -q
  expect 0 '' ''
  expect_no_temporary_files .
done
