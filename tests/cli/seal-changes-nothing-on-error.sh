#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# seal finds out what is wrong before it replaces the first module.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
make_vmlinux vmlinux
make_vmlinux without --count 0
refuse() {
  note_state
  run seal d "$@"
  expect_status 2
  expect_nothing_changed
  expect_no_temporary_files .
}

# A kernel that cannot be patched.
refuse --kernel without
expect 2 '' 'modproof: without: this kernel has no module hashes (no section .module_hashes); build it with CONFIG_MODULE_HASHES=y'
refuse --kernel missing
refuse --kernel d/a.ko
# One that can be read but not patched: wrapped, or not to be written.
/usr/bin/python3 "$here/make_image.py" vmlinux image xz size bzimage
gzip -k vmlinux
for kernel in image vmlinux.gz; do
  for option in '' -n; do
    # shellcheck disable=SC2086  # no option is none
    refuse --kernel $kernel $option
    expect_match stderr "^modproof: $kernel: .*patch that vmlinux"
  done
done
if command -v setpriv >/dev/null && [ "$(id -u)" -eq 0 ]; then
  cp "$MODPROOF" tool
  make_vmlinux across --offset 1000
  mkdir closed
  cp vmlinux across closed
  chown -R 65534 d .
  chmod 777 .
  chown 0 closed closed/*
  chmod 666 closed/across
  note_state
  for kernel in vmlinux across; do
    run_program setpriv --reuid=65534 --regid=65534 --clear-groups ./tool seal d --kernel closed/$kernel
    expect_status 2
    expect_match stderr "^modproof: closed/$kernel: cannot (open|create a new file beside it): Permission denied\$"
    expect_nothing_changed
  done
  chown -R 0 .
fi
# A module that is none.
echo text >d/b.ko
refuse --kernel vmlinux
expect 2 '' 'modproof: d/b.ko: offset 0: not an ELF file'
: >d/b.ko
refuse --kernel vmlinux
make_module d/b.ko
# Two of one name.
make_module d/sub/b.ko
refuse --kernel vmlinux
expect 2 '' 'modproof: two modules are called b: d/b.ko and d/sub/b.ko (to the kernel, - and _ are the same)'
rm -r d/sub
# A tree file that cannot be written.
refuse --kernel vmlinux -o missing/tree
