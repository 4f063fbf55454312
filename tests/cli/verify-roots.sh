#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The root comes from a kernel, from the command line, from the running kernel or from a tree file,
# and the summary says from which.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof seal d -q -o tree
root=$(root_of tree)
make_vmlinux vmlinux
modproof patch vmlinux -t tree -q
make_modules new a b c
modproof tree new -q -o new.tree

run verify d --kernel vmlinux
expect 0 "2 modules: 2 accepted, 0 refused (root $root of vmlinux)" ''
run verify d -K vmlinux -t tree
expect 0 "2 modules: 2 accepted, 0 refused (root $root of vmlinux)" ''
run verify d --root "$root"
expect 0 "2 modules: 2 accepted, 0 refused (root $root of the command line)" ''
run verify d --root "sha256:1:${root##*:}"
expect_status 0
hash=${root##*:}
run verify d --root "sha256:1:${hash^^}" -q
expect 0 '' ''
run verify d --tree tree
expect 0 "2 modules: 2 accepted, 0 refused (root $root of tree)" ''
# The kernel decides, not the tree.
run verify d --kernel vmlinux --tree new.tree --allow-missing -q
expect 0 '' ''

# A kernel whose root was never written accepts nothing.
make_vmlinux empty
run verify d -K empty
expect_status 1
expect_match stdout '^2 modules: 0 accepted, 2 refused '

# The running kernel, with --running and without any of these options.
if [ -d /sys/kernel ] && [ ! -e /sys/kernel/module_hashes ]; then
  none='modproof: /sys/kernel/module_hashes: the running kernel has no module hashes (CONFIG_MODULE_HASHES)'
  run verify d --running
  expect 2 '' "$none"
  run verify d
  expect 2 '' "$none; name what to check against with --kernel, --root or --tree"
  run info --running
  expect_status 2
fi
