#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A module that is named twice, in whatever spelling, is one module.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
ln -s d alias
modproof tree d -q
root=$(root_of modules.merkle)
run attach d/a.ko d/a.ko
expect 0 '1 module: 1 attached' ''
run detach d/a.ko ./d/a.ko d//a.ko "$PWD/d/a.ko" alias/a.ko d/../d/a.ko
expect 0 '1 module: 1 detached' ''
run attach d d/a.ko ./d
expect 0 '2 modules: 2 attached' ''
run verify d d/b.ko alias -r "$root"
expect 0 "2 modules: 2 accepted, 0 refused (root $root of the command line)" ''
