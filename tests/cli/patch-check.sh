#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --check compares kernel and tree and writes nothing: status 0 if they fit, 1 if not.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
root=$(root_of modules.merkle)
make_vmlinux vmlinux
zero=sha256:0:$(printf '0%.0s' {1..64})
note_state

run patch vmlinux --check
expect 1 "vmlinux: holds $zero, not $root" ''
expect_nothing_changed
run patch vmlinux --check -q
expect 1 "vmlinux: holds $zero, not $root" ''
run patch vmlinux --check --json
expect_status 1
expect_json .status refused .before "$zero" .root "$root" .same false
expect_nothing_changed

modproof patch vmlinux -q
note_state
run patch vmlinux --check
expect 0 "vmlinux: holds $root" ''
run patch vmlinux --check --root "$root"
expect 0 "vmlinux: holds $root" ''
expect_nothing_changed
