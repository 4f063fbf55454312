#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A kernel that holds the root already is not touched: not its bytes, not its time.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
make_vmlinux vmlinux
modproof tree d -q
root=$(root_of modules.merkle)
run patch vmlinux
expect 0 "vmlinux: root $root" ''
touch -d '2020-02-02 02:02:02' vmlinux
note_state
run patch vmlinux
expect 0 "vmlinux: root $root (unchanged)" ''
expect_nothing_changed
run patch vmlinux --json
expect_status 0
expect_json .changed false .same true
expect_nothing_changed
# Not even if it could not be written to.
chmod 444 vmlinux
run patch vmlinux -q
expect 0 '' ''

# A change renews the time, so that make sees it.
chmod 644 vmlinux
make_module d/b.ko
modproof tree d -q
before=$(stat -c %Y vmlinux)
run patch vmlinux -q
expect 0 '' ''
[ "$(stat -c %Y vmlinux)" != "$before" ] || fail "the time stayed"
