#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# -o writes a patched copy and leaves the kernel alone, also where the copy exists already or is the
# kernel itself.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
root=$(root_of modules.merkle)
make_vmlinux vmlinux
chmod 755 vmlinux
cp vmlinux expected
modproof patch expected -q
note_state

run patch vmlinux -o new
expect 0 "new: root $root" ''
expect_same_bytes new expected
[ "$(stat -c %a new)" = 755 ] || fail "mode of the copy"
rm new
expect_nothing_changed
expect_no_temporary_files .

echo old >new
run patch vmlinux -o new
expect 0 "new: root $root" ''
expect_same_bytes new expected
# A copy is made even if nothing had to be changed in it.
run patch expected -o newer
expect 0 "newer: root $root (unchanged)" ''
expect_same_bytes newer expected
run patch vmlinux -o vmlinux
expect 0 "vmlinux: root $root" ''
expect_same_bytes vmlinux expected
