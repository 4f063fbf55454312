#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# -n says what would be done and writes nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
make_vmlinux vmlinux
modproof tree d -q
root=$(root_of modules.merkle)
modproof attach d/a.ko -q
note_state

run attach d -n -v
expect 0 'd/a.ko: unchanged
d/b.ko: attached
d/c.ko: attached
3 modules: 2 attached, 1 unchanged (dry run, nothing was written)' ''
expect_nothing_changed
run detach d -n -v
expect 0 'd/a.ko: detached
d/b.ko: unchanged
d/c.ko: unchanged
3 modules: 1 detached, 2 unchanged (dry run, nothing was written)' ''
expect_nothing_changed
run seal d -n -v -K vmlinux
expect 0 "d/a.ko: unchanged
d/b.ko: attached
d/c.ko: attached
3 modules: 2 attached, 1 unchanged (dry run, nothing was written)
d/modules.merkle: 3 modules, root $root (not written)" ''
expect_nothing_changed
run seal d -n --json
expect_status 0
expect_json .dry_run true .root "$root"
expect_nothing_changed
