#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# seal is tree, attach and patch in one, for a directory that is already installed; the tree file
# goes into it, and running it again changes nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
make_vmlinux vmlinux
cp -r d expected
modproof tree expected -q
modproof attach expected -q

run seal d --kernel vmlinux
root=$(root_of modules.merkle)
expect 0 "2 modules: 2 attached
d/modules.merkle: 2 modules, root $root
vmlinux: root $root" ''
expect_same_bytes modules.merkle d/modules.merkle
expect_same_bytes d/a.ko expected/a.ko
expect_same_bytes d/b.ko expected/b.ko
run verify d --kernel vmlinux -q
expect 0 '' ''
expect_no_temporary_files .

note_state
run seal d --kernel vmlinux
expect 0 "2 modules: 2 unchanged
d/modules.merkle: 2 modules, root $root
vmlinux: root $root (unchanged)" ''
expect_nothing_changed

# A new module moves the others: all get new proofs, the kernel a new root.
make_module d/aa.ko
run seal d --kernel vmlinux --json
expect_status 0
root=$(root_of d/modules.merkle)
expect_json .counts.attached 3 .root "$root" .kernel vmlinux .kernel_changed true
run verify d --kernel vmlinux -q
expect 0 '' ''

# Files instead of a directory: the tree file has to be named.
run seal d/a.ko d/b.ko -o some.merkle
expect 0 "2 modules: 2 attached
some.merkle: 2 modules, root $(root_of some.merkle)" ''
