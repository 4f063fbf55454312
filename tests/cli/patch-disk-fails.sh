#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where the disk refuses the root that was written in place, the old one is put back, and the message
# says whether that went well.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program strace
strace -o /dev/null true 2>/dev/null || machine_cannot 'trace with strace'

export ASAN_OPTIONS=detect_leaks=0 # that does not work in a program that is traced

make_modules d a
modproof tree d -q
make_vmlinux vmlinux
cp vmlinux old

fail_from() { # WHEN: which calls of fdatasync(2) fail
  run_program strace -o /dev/null -e trace=fdatasync -e "inject=fdatasync:error=EIO:when=$1" \
    "$MODPROOF" patch vmlinux
}
fail_from 1
expect 2 '' 'modproof: vmlinux: cannot write the root (the old one was put back): Input/output error'
expect_same_bytes vmlinux old
fail_from 1+
expect_status 2
expect_match stderr 'cannot put the old one back; which of them the kernel holds has to be looked at with --check: Input/output error$'
run patch vmlinux -q
expect 0 '' ''
