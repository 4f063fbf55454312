#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is not a kernel with one good section .module_hashes is refused and left as it is.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
root=$(root_of modules.merkle)
refuse() { # MESSAGE
  note_state
  run patch vmlinux
  expect 2 '' "modproof: vmlinux: $1"
  run patch vmlinux --check
  expect 2 '' "modproof: vmlinux: $1"
  run verify d -K vmlinux
  expect 2 '' "modproof: vmlinux: $1"
  run patch vmlinux -o copy
  expect 2 '' "modproof: vmlinux: $1"
  expect_nothing_changed
}

make_vmlinux vmlinux --count 0
refuse 'this kernel has no module hashes (no section .module_hashes); build it with CONFIG_MODULE_HASHES=y'
make_vmlinux vmlinux --count 2
refuse 'offset 1060: a second section .module_hashes; the kernel must have exactly one'
for size in 0 4 35 37 40; do
  make_vmlinux vmlinux --size $size
  refuse "offset 1024: section .module_hashes has $size bytes, not 36"
done
make_vmlinux vmlinux --nobits
refuse 'offset 1024: section .module_hashes has no plain contents in the file'
make_vmlinux vmlinux --compressed
refuse 'offset 1024: section .module_hashes has no plain contents in the file'
make_vmlinux vmlinux --levels 33
refuse 'offset 1024: section .module_hashes claims 33 levels; at most 32 are possible'
make_vmlinux vmlinux --levels 0 --hash "${root##*:}"
refuse 'offset 1024: section .module_hashes holds a hash but no levels'
make_vmlinux vmlinux --type 1
refuse 'offset 16: not a linked kernel (vmlinux)'
echo text >vmlinux
run patch vmlinux
expect_status 2
: >vmlinux
run patch vmlinux
expect_status 2
rm vmlinux
refuse 'cannot open: No such file or directory'
mkdir vmlinux
refuse 'is a directory, not a regular file'
rmdir vmlinux

# Cut off anywhere: never patched, never a crash.
make_vmlinux whole --offset 600
size=$(stat -c %s whole)
for ((length = 0; length < size; length += 37)); do
  head -c $length whole >vmlinux
  run patch vmlinux --check
  expect_status 2
done
