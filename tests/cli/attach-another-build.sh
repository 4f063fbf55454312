#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A module that carries the proof of another build gets the right one; nothing of the old is left.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d b c
modproof seal d -q
cp -r d sealed
make_module d/a.ko # all positions move
modproof tree d -q
run attach d
expect 0 '3 modules: 3 attached' ''
run verify d -t modules.merkle
expect 0 "3 modules: 3 accepted, 0 refused (root $(root_of modules.merkle) of modules.merkle)" ''
[ "$(stat -c %s d/b.ko)" -eq $(($(stat -c %s sealed/b.ko) + 32)) ] || fail "size"

run seal d -o seal.merkle
expect 0 "3 modules: 3 unchanged
seal.merkle: 3 modules, root $(root_of modules.merkle)" ''
