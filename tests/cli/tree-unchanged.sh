#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A tree file that would not change is not written: its time stays, and make does nothing after it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof tree d -q
touch -d '2020-02-02 02:02:02' modules.merkle
before=$(stat -c '%Y %i' modules.merkle)
run tree d
expect 0 "modules.merkle: 2 modules, 2 leaves, root $(root_of modules.merkle) (unchanged)" ''
[ "$(stat -c '%Y %i' modules.merkle)" = "$before" ] || fail "the tree file was touched"
run tree d --no-cache --json
expect_json .written false
[ "$(stat -c '%Y %i' modules.merkle)" = "$before" ] || fail "the tree file was touched"
# Sealed modules are hashed without their trailer: the tree is the same.
run attach d -q
run tree d -q
[ "$(stat -c '%Y %i' modules.merkle)" = "$before" ] || fail "the tree file was touched"

echo more >>d/a.ko # the file carries a trailer, so this is a byte behind the marker
run tree d
expect_status 0
expect_match stdout '^modules.merkle: 2 modules, 2 leaves, root sha256:1:[0-9a-f]{64}$'
