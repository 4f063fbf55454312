#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# -q leaves what is wrong, and nothing of what went well; -v adds a line for each module.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
make_vmlinux vmlinux
modproof tree d -q -o reference.merkle
root=$(root_of reference.merkle)

run tree d -q
expect 0 '' ''
run tree d
expect 0 "modules.merkle: 2 modules, 2 leaves, root $root (unchanged)" ''

run attach d -q -n
expect 0 '' ''
run attach d -v
expect 0 'd/a.ko: attached
d/b.ko: attached
2 modules: 2 attached' ''
run attach d
expect 0 '2 modules: 2 unchanged' ''
run attach d -v
expect 0 'd/a.ko: unchanged
d/b.ko: unchanged
2 modules: 2 unchanged' ''

run patch vmlinux -q
expect 0 '' ''
run patch vmlinux --check -q
expect 0 '' ''
run patch vmlinux --check
expect 0 "vmlinux: holds $root" ''

run verify d -K vmlinux -q
expect 0 '' ''
run verify d -K vmlinux -v
expect 0 "d/a.ko: accepted
d/b.ko: accepted
2 modules: 2 accepted, 0 refused (root $root of vmlinux)" ''

# What is wrong is said even with -q.
flip d/b.ko 70
run verify d -K vmlinux -q -t modules.merkle
expect 1 'd/b.ko: payload-changed: the proof is intact, the payload is not the one it was made for' ''
make_module d/c.ko
run attach d/c.ko -q
expect 1 'd/c.ko: not-in-tree: the tree has no module of this name' ''
run verify missing.ko -K vmlinux -q
expect 2 '' 'modproof: missing.ko: cannot open: No such file or directory'

run detach d/a.ko -q
expect 0 '' ''
run detach d/a.ko -v
expect 0 'd/a.ko: unchanged
1 module: 1 unchanged' ''

run seal d -q -n
expect 0 '' ''
run seal d -q
expect 0 '' ''
