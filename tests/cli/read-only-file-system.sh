#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# On a read-only file system everything that only reads works, and what writes fails with the name of
# the file and changes nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_root "mounting a file system"

mount_tmpfs ro 4m
make_modules ro/d a b
make_vmlinux ro/vmlinux
modproof tree ro/d -q -o ro/tree
root=$(root_of ro/tree)
modproof attach ro/d/a.ko -t ro/tree -q
mount -o remount,ro ro
note_state

run tree ro/d -o out
expect_status 0
run verify ro/d -t ro/tree
expect_status 1
run info ro/d/a.ko ro/vmlinux ro/tree
expect_status 0
run explain ro/d -t ro/tree
expect_status 1
run attach ro/d -n -t ro/tree
expect 0 '2 modules: 1 attached, 1 unchanged (dry run, nothing was written)' ''
run tree ro/d -o ro/tree
expect 0 "ro/tree: 2 modules, 2 leaves, root $root (unchanged)" ''
rm out*

run attach ro/d -t ro/tree
expect_status 2
expect_stdout '2 modules: 1 unchanged, 1 failed'
expect_stderr 'modproof: ro/d/b.ko: cannot create a new file beside it: Read-only file system'
run detach ro/d
expect_status 2
expect_stderr 'modproof: ro/d/a.ko: cannot create a new file beside it: Read-only file system'
run tree ro/d/b.ko -o ro/new
expect_status 2
run tree ro/d -o ro/new
expect 2 '' 'modproof: ro/new: cannot create a new file beside it: Read-only file system'
run seal ro/d
expect_status 2
run patch ro/vmlinux -t ro/tree
expect 2 '' 'modproof: ro/vmlinux: cannot open: Read-only file system'
expect_nothing_changed
