#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --extra adds modules from elsewhere behind all others, sorted by path whatever the order of the
# options; a directory stands for all modules in it. Two modules of one name are an error.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules build m2 m1
printf 'm2.o\nm1.o\n' >build/modules.order
make_modules extra/dkms zfs spl
make_modules other nvidia
note_state

run tree build/modules.order --extra other/nvidia.ko --extra extra -o one
expect 0 "one: 5 modules, 5 leaves, root $(root_of one)" ''
[ "$(modproof info -v one | awk '$1 ~ /^[0-9]+$/ {print $4}' | paste -sd ' ')" = 'm2 m1 spl zfs nvidia' ] ||
  fail "order"
run tree build/modules.order --extra extra/dkms/zfs.ko --extra extra --extra other/nvidia.ko -o two
expect_status 0
expect_same_bytes one two
# `extra/dkms` before `other`: by path, not by name or by option.
run attach -t one build extra other
expect 0 '5 modules: 5 attached' ''

rm one* two*
run detach build extra other -q

# Names that are one to the kernel.
make_module same/m1.ko
run tree build/modules.order --extra same
expect 2 '' 'modproof: two modules are called m1: build/m1.ko and same/m1.ko (to the kernel, - and _ are the same)'
make_modules same a-b a_b
rm same/m1.ko
run tree build/modules.order --extra same
expect 2 '' 'modproof: two modules are called a_b: same/a-b.ko and same/a_b.ko (to the kernel, - and _ are the same)'
run tree build/modules.order --extra build/m1.ko
expect_status 2
[ ! -e modules.merkle ] || fail "a tree file was written"

# Extras that are not there.
run tree build/modules.order --extra missing.ko
expect 2 '' 'modproof: missing.ko: cannot open: No such file or directory'
run tree build/modules.order --extra missing
expect 2 '' 'modproof: missing: cannot stat: No such file or directory'
mkdir empty
run tree build/modules.order --extra empty
expect 2 '' 'modproof: empty: no module in this directory'
run tree build/modules.order --extra build/modules.order
expect 2 '' 'modproof: build/modules.order: not a directory, and neither a module nor called like one (NAME.ko)'
