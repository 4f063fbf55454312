#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# -b DIR and -k VERSION choose the modules installed below DIR/lib/modules/VERSION, as with kmod's
# tools; without -k it is the running kernel's version.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules image/lib/modules/6.1.0-test/kernel a b
make_modules merged/usr/lib/modules/6.1.0-test/kernel a b c
make_modules "image/lib/modules/$(uname -r)/kernel" r

run seal -b image -k 6.1.0-test
root=$(root_of image/lib/modules/6.1.0-test/modules.merkle)
expect 0 "2 modules: 2 attached
image/lib/modules/6.1.0-test/modules.merkle: 2 modules, root $root" ''
run verify -b image -k 6.1.0-test -r "$root" -v
expect 0 "image/lib/modules/6.1.0-test/kernel/a.ko: accepted
image/lib/modules/6.1.0-test/kernel/b.ko: accepted
2 modules: 2 accepted, 0 refused (root $root of the command line)" ''
run detach -b image -k 6.1.0-test
expect 0 '2 modules: 2 detached' ''
run attach -b image -k 6.1.0-test -t image/lib/modules/6.1.0-test/modules.merkle
expect 0 '2 modules: 2 attached' ''
run explain -b image -k 6.1.0-test -r "$root"
expect_status 0

# Where only /usr/lib/modules is there.
run seal -b merged -k 6.1.0-test -q
expect 0 '' ''
[ -e merged/usr/lib/modules/6.1.0-test/modules.merkle ] || fail "no tree file"

# Without -k: the running kernel's version.
run seal -b image -q
expect 0 '' ''
[ -e "image/lib/modules/$(uname -r)/modules.merkle" ] || fail "no tree file"

# A version that is not installed.
run verify -b image -k 9.9 -r "$root"
expect 2 '' 'modproof: image/lib/modules/9.9: no modules of this kernel version are installed; choose one with -k'
run verify -b nowhere -r "$root"
expect_status 2
run verify -k no-such-version -r "$root" --json
expect_status 2
expect_json .errors[0].kind missing
